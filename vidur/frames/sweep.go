package frames

import (
	"errors"

	"github.com/go-gota/gota/dataframe"

	"github.com/govidur/govidur/vidur/search"
)

// Sweep returns a row per run of a sweep, or per point of a search for
// capacities, in the order of its grid: the
// coordinates, the error (empty where there is none) and the figures, in the
// units that their names and package search say. Figures without a value are
// missing.
func Sweep(r *search.Results) dataframe.DataFrame {
	if r == nil {
		return failed(errors.New("frames: no Results"))
	}
	df, err := FromColumns(r.Names(), r.Column)
	if err != nil {
		return failed(err)
	}
	return df
}
