package report

import (
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/govidur/govidur/vidur/search"
)

// number reads a figure; an empty cell is none.
func number(cell string) (float64, error) {
	if cell == "" {
		return math.NaN(), nil
	}
	return strconv.ParseFloat(cell, 64)
}

// placeOf is a point as a key.
func placeOf(p search.Point) string {
	key := ""
	for _, c := range p {
		key += fmt.Sprintf("%q", fmt.Sprint(c.Value))
	}
	return key
}

// plain is the shortest number that differs from v by less than one part in a
// million, which is more than a page shows.
func plain(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }

// textOf is the error of a row without its place, which the other columns say.
func textOf(err error) string {
	var at *search.PointError
	if errors.As(err, &at) {
		return at.Err.Error()
	}
	return err.Error()
}
