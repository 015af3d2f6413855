// Package cells is what a cell of a notebook may say besides Go: commands that
// stand on its first lines, before the Go code.
//
//	%env SEED=7
//	%time run.Simulate(ctx)
//
// A command is a line that begins with a percent sign, or the comment //vidur: with
// its name, with which the cell stays Go. Two percent signs, or the comment, make
// those that take code take the rest of the cell. ?NAME and NAME? say what a name
// is. One table has the commands; dispatch, %help, completion and inspection are
// made from it.
//
// What is no command is left as it is, byte for byte, and stays where it is: the
// lines of commands become blank for the evaluator, so that all positions are those
// of the cell.
package cells
