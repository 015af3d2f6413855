package learn

// VidurForestGrid returns the forests that the original simulator chooses from
// by default, in the order in which it tries them, as forests of our own.
func VidurForestGrid(seed uint64) []Estimator {
	var grid []Estimator
	for _, depth := range []int{8, 16, 32} {
		for _, split := range []int{2, 5, 10} {
			for _, trees := range []int{250, 500, 750} {
				grid = append(grid, Forest{Trees: trees, MaxDepth: depth, MinSplit: split, Seed: seed})
			}
		}
	}
	return grid
}

// VidurLinearGrid returns the polynomials that the original simulator chooses
// from by default, in the order in which it tries them. A dozen of these forty
// differ; see [Poly].
func VidurLinearGrid() []Estimator {
	var grid []Estimator
	for _, intercept := range []bool{true, false} {
		for degree := 1; degree <= 5; degree++ {
			for _, bias := range []bool{true, false} {
				for _, only := range []bool{true, false} {
					grid = append(grid, Poly{Degree: degree, Bias: bias, InteractionOnly: only, Intercept: intercept})
				}
			}
		}
	}
	return grid
}
