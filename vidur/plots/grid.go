package plots

import "fmt"

// Grid puts figures side by side, row by row, with axes of the same size in line
// and (a), (b), … before their titles. It is a page wide with two columns and
// more. The sizes of the figures themselves do not matter. They stay as they are
// and can be changed still. The Title of the grid stands above all, and with the
// Legend Above so does one legend for all.
func Grid(columns int, figures ...*Figure) (*Figure, error) {
	if columns < 1 || columns > 20 || len(figures) == 0 {
		return nil, fmt.Errorf("plots: a grid of %d figures in %d columns", len(figures), columns)
	}
	g := &Figure{Width: Column, columns: min(columns, len(figures)), letters: len(figures) > 1}
	if g.columns > 1 {
		g.Width = Page
	}
	height := 0.0
	for i, f := range figures {
		if f == nil || f.Plot == nil {
			return nil, fmt.Errorf("plots: figure %d of the grid has no plot", i)
		}
		height = max(height, f.Height)
		for _, n := range f.Notes {
			g.note("%s %s", letters(i), n)
		}
	}
	g.Panels = append([]*Figure(nil), figures...)
	rows := (len(figures) + g.columns - 1) / g.columns
	g.Height = min(most, height*float64(rows))
	return g, nil
}
