package report

// notes say what a reader should know of the results before trusting them.
func (r *Report) notes() []string {
	notes := r.results.Remarks()
	for _, a := range r.about.Axes {
		if a.Name == "seed" {
			notes = append(notes, "Every seed is a row of its own here, and the best of many seeds is partly luck.")
		}
	}
	return notes
}
