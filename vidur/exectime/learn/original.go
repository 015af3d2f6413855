package learn

import "errors"

// The original simulator chooses among forests with scikit-learn's
// GridSearchCV. Its forests have no random_state, so they take numbers from
// NumPy's global stream, one per tree:
//
//   - Folds are fitted candidate by candidate, each on fold after fold. With one
//     job they draw from the stream. Several jobs are processes, whose streams
//     start anywhere: they leave the stream alone, and what they choose differs
//     from run to run.
//   - The chosen one is then learnt from all rows, and draws from the stream.

// originals returns the forests of a grid of Original ones, nil if it has none.
// They must be of one stream, which [Select] moves on.
func originals(grid []Estimator) ([]Forest, error) {
	var forests []Forest
	for _, e := range grid {
		if f, ok := e.(Forest); ok && f.Original {
			forests = append(forests, f)
		}
	}
	if len(forests) == 0 {
		return nil, nil
	}
	if len(forests) < len(grid) {
		return nil, errors.New("a grid with original forests and other estimators")
	}
	for _, f := range forests {
		if f.Seed != forests[0].Seed || f.Skip != forests[0].Skip {
			return nil, errors.New("a grid with original forests of several seeds or skips")
		}
	}
	return forests, nil
}

// Refit returns candidate i of a grid as [Select] learns it from all of so many
// rows. That is grid[i], but for an original forest, which goes on in the stream
// after what the folds drew.
func (f Folds) Refit(grid []Estimator, i, rows int) Estimator {
	chosen, ok := grid[i].(Forest)
	if !ok || !chosen.Original || !f.Draw {
		return grid[i]
	}
	for _, e := range grid {
		if c, ok := e.(Forest); ok {
			chosen.Skip += f.count(rows) * c.Trees
		}
	}
	return chosen
}

// judges returns what each fold fits to judge the candidates of a grid: of
// original forests those that the stream gives, or ours.
func (f Folds) judges(grid []Estimator, rows int) ([][]Estimator, error) {
	k := f.count(rows)
	by := make([][]Estimator, k)
	forests, err := originals(grid)
	if err != nil {
		return nil, err
	}
	if forests == nil {
		for i := range by {
			by[i] = grid
		}
		return by, nil
	}
	skip := forests[0].Skip
	for _, c := range forests {
		for i := range by {
			if c.Skip = skip; f.Draw {
				skip += c.Trees
			} else {
				c.Original, c.Skip = false, 0
			}
			by[i] = append(by[i], c)
		}
	}
	return by, nil
}
