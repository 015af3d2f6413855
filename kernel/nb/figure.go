package nb

// Must is v, unless there is an error: that ends the script or the cell as [Check]
// does.
//
//	store := nb.Must(run.Simulate(nb.Context()))
func Must[T any](v T, err error) T {
	Check(err)
	return v
}

// ShowFigure is [SaveFigure] and [Display]: the figure stands in the notebook and,
// for a paper, in files. An error ends the script or the cell as [Check] does.
func ShowFigure(name string, fig any) {
	_, err := SaveFigure(name, fig)
	Check(err)
	Display(fig)
}
