// Package notebook reads, runs and writes Jupyter notebooks (nbformat 4.0 to 4.5)
// without Jupyter: the cells run as in the kernel of this module, and the same
// notebook, parameters and binary give the same bytes.
//
//	n, err := notebook.Read(file)
//	err = n.Inject(params)          // what papermill does with -p
//	err = n.Run(ctx, worker, notebook.RunOptions{})
//	os.Stdout.Write(n.Bytes())
//
// # Files
//
// [Notebook.Bytes] writes what Python's nbformat writes: one space of indent, keys in
// order, text cut into lines, characters as they are. Fields that nobody knows
// survive; those that Jupyter never stores are left out.
//
// # Outputs
//
// An output is stored as front ends store the messages of the kernel: text of a
// stream joined, updates applied to what they update, cleared output gone. Nothing
// in a file says when it was made, or where. Pipes do not keep the order of stdout
// and stderr among each other, so between two displays the text of stdout stands
// before that of stderr.
package notebook
