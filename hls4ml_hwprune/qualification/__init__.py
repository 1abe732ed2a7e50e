"""Qualification: small designs for whoever owns the HLS tools, so that estimates can be held against reports."""
