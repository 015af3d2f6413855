package plots

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
)

// numbersHeader names the columns of the CSV file of a figure.
var numbersHeader = []string{"panel", "series", "kind", "group", "x", "x2", "y", "y2", "value"}

// numbers are the numbers of a layer: a row calls add for each thing that is drawn.
type numbers interface {
	numbers(add func(n number))
	style() look
}

// number is a thing that is drawn. What it has not is NaN.
type number struct {
	kind  string // line, point, error, band, bar or cell
	x, x2 float64
	y, y2 float64
	value float64
}

func at(kind string, x, y float64) number {
	nan := math.NaN()
	return number{kind: kind, x: x, x2: nan, y: y, y2: nan, value: nan}
}

func (l look) style() look { return l }

func (l *line) numbers(add func(number)) {
	for i, x := range l.x {
		add(at("line", x, l.y[i]))
	}
}

func (l *cloud) numbers(add func(number)) {
	for i, x := range l.x {
		add(at("point", x, l.y[i]))
	}
}

func (b *errorBars) numbers(add func(number)) {
	for i := range b.x {
		x, y := b.ends(i)
		n := at("error", x[0], y[0])
		if n.y2 = y[1]; b.level {
			n.x2, n.y2 = x[1], math.NaN()
		}
		add(n)
	}
}

func (b *band) numbers(add func(number)) {
	for i, x := range b.x {
		n := at("band", x, b.low[i])
		n.y2 = b.high[i]
		add(n)
	}
}

func (r *rects) numbers(add func(number)) {
	for i, x := range r.x0 {
		n := at("bar", x, r.y0[i])
		n.x2, n.y2 = r.x1[i], r.y1[i]
		add(n)
	}
}

func (c *cells) style() look { return look{} }

func (c *cells) numbers(add func(number)) {
	for y, row := range c.z {
		for x, z := range row {
			n := at("cell", float64(x), float64(y))
			n.value = z
			add(n)
		}
	}
}

// csv is what the figure draws, in full precision, a row for each point of a line
// (kind line), point, error bar and band (from y to y2, or x to x2), bar (from x to x2 and
// from y to y2) and cell of a matrix (value). Panels count from 1; series are
// those of the legend; group is the name of a bar's place, if places have names.
func (f *Figure) csv() ([]byte, error) {
	panels := f.Panels
	if f.Plot != nil {
		panels = []*Figure{f}
	}
	rows := [][]string{numbersHeader}
	for i, p := range panels {
		if p == nil {
			continue
		}
		for _, l := range p.layers {
			n, ok := l.(numbers)
			if !ok {
				continue
			}
			series := p.seriesOf(n.style())
			n.numbers(func(n number) {
				rows = append(rows, []string{strconv.Itoa(i + 1), series, n.kind, p.groupOf(n),
					digits(n.x), digits(n.x2), digits(n.y), digits(n.y2), digits(n.value)})
			})
		}
	}
	if len(rows) == 1 {
		return nil, errors.New("plots: the numbers of the figure are not known")
	}
	var out bytes.Buffer
	if err := csv.NewWriter(&out).WriteAll(rows); err != nil {
		return nil, fmt.Errorf("plots: %w", err)
	}
	return out.Bytes(), nil
}

// seriesOf is the name of the entry of the legend that looks so.
func (f *Figure) seriesOf(l look) string {
	for _, e := range f.entries {
		if reflect.DeepEqual(e.look, l) {
			return e.name
		}
	}
	return ""
}

// groupOf is the name of the place on the horizontal axis.
func (f *Figure) groupOf(n number) string {
	middle := n.x
	if n.x2 == n.x2 {
		middle = (n.x + n.x2) / 2
	}
	if i := int(math.Round(middle)); i >= 0 && i < len(f.x.groups) {
		return f.x.groups[i]
	}
	return ""
}

// digits is a number in full; nothing for NaN.
func digits(v float64) string {
	if v != v {
		return ""
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}
