"""Modules that the twins are made of.

Each is a module of its own that yosys leaves alone. It would otherwise melt adder trees into carry-save adders and take up
to twice the LUTs that Vivado is known to take, for these and for multiplexers of five legs and more: on UltraScale+ a LUT6
chooses one of four, and MUXF7, MUXF8 and MUXF9 join two, four and eight of them at no cost. The order of the operands lets
one LUT a bit of the accumulator both clear and add.
"""

#: Levels of a multiplexer from its legs upwards: legs taken together, and the module that does it.
JOINTS = ((4, 'choose'), (2, 'join7'), (2, 'join8'), (2, 'join9'))

_JOIN = """(* keep_hierarchy *)
module join{n} #(parameter W = 1) (input [W-1:0] a, b, input s, output [W-1:0] y);
  genvar i;
  generate for (i = 0; i < W; i = i + 1) begin : bits
    MUXF{n} joint (.I0(a[i]), .I1(b[i]), .S(s), .O(y[i]));
  end endgenerate
endmodule
"""

LIBRARY = """(* keep_hierarchy *)
module choose #(parameter W = 1) (input [W-1:0] a, b, c, d, input [1:0] s, output [W-1:0] y);
  assign y = s[1] ? (s[0] ? d : c) : (s[0] ? b : a);
endmodule

(* keep_hierarchy *)
module adder #(parameter A = 1, B = 1, Y = 1) (input signed [A-1:0] a, input signed [B-1:0] b, output signed [Y-1:0] y);
  assign y = a + b;
endmodule

(* keep_hierarchy *)
module accumulator #(parameter A = 1, Y = 1)
    (input clock, enable, first, input signed [A-1:0] a, output reg signed [Y-1:0] y);
  wire signed [Y-1:0] before = first ? {Y{1'b0}} : y;
  always @(posedge clock) if (enable) y <= a + before;
endmodule

""" + '\n'.join(_JOIN.format(n=n) for n in (7, 8, 9))

#: What a simulator needs in place of yosys' own cells.
CELLS = '\n'.join(f'module MUXF{n} (input I0, I1, S, output O);\n  assign O = S ? I1 : I0;\nendmodule\n' for n in (7, 8, 9))
