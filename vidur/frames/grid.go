package frames

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"
	"github.com/sjwhitworth/golearn/base"
)

// floatDigits are decimals that golearn takes of a float where it makes a
// string of it, as of a class. Its own default, 2, would merge times.
const floatDigits = 17

// Grid returns golearn's form of some columns, the class last; without
// attributes, of all. Attributes are numbers or booleans, as 0 and 1. A class of
// numbers stays one, as golearn's CART needs it; one of strings or booleans
// becomes categorical, as its other classifiers need it. Categories are sorted,
// and both booleans always are one, so that two grids have the same ones if the
// same strings occur. Every value must be there and be finite; see Complete.
func Grid(df dataframe.DataFrame, class string, attributes ...string) (*base.DenseInstances, error) {
	if err := sound(df); err != nil {
		return nil, err
	}
	if len(attributes) == 0 {
		attributes = slices.DeleteFunc(df.Names(), func(name string) bool { return name == class })
	}
	grid := base.NewDenseInstances()
	var fill []func()
	seen := map[string]bool{}
	for _, name := range append(slices.Clone(attributes), class) {
		if seen[name] {
			return nil, fmt.Errorf("frames: %q is in the grid twice; golearn knows attributes by name", name)
		}
		seen[name] = true
		f, err := addColumn(grid, df, name, name == class)
		if err != nil {
			return nil, err
		}
		fill = append(fill, f)
	}
	if err := grid.Extend(df.Nrow()); err != nil {
		return nil, fmt.Errorf("frames: %w", err)
	}
	for _, f := range fill {
		f()
	}
	return grid, nil
}

// addColumn adds an attribute and returns what fills in its values, once the
// grid has room.
func addColumn(grid *base.DenseInstances, df dataframe.DataFrame, name string, class bool) (func(), error) {
	s, err := Column(df, name)
	if err != nil {
		return nil, err
	}
	for i := range s.Len() {
		if v := s.Elem(i); missing(v) {
			return nil, fmt.Errorf("frames: column %q, row %d: no value, which golearn cannot take; see Complete", name, i)
		}
	}
	var a base.Attribute
	var value func(row int) uint64
	switch t := s.Type(); {
	case class && (t == series.String || t == series.Bool):
		a, value = categories(s)
	case t == series.String:
		return nil, fmt.Errorf("frames: column %q has strings: it can be the class of a grid, but no attribute", name)
	default:
		if a, value, err = floats(s); err != nil {
			return nil, err
		}
	}
	spec := grid.AddAttribute(a)
	if class {
		if err := grid.AddClassAttribute(a); err != nil {
			return nil, fmt.Errorf("frames: %w", err)
		}
	}
	return func() {
		var b [8]byte
		for row := range s.Len() {
			base.PackU64ToBytesInline(value(row), b[:])
			grid.Set(spec, row, b[:])
		}
	}, nil
}

// floats is a float attribute; of whole numbers, one without decimals.
func floats(s series.Series) (base.Attribute, func(row int) uint64, error) {
	a := base.NewFloatAttribute(s.Name)
	a.Precision = 0
	values := boolFloats
	if s.Type() != series.Bool {
		values = series.Series.Float
	}
	if s.Type() == series.Float {
		a.Precision = floatDigits
	}
	list := values(s)
	for i, v := range list {
		if math.IsInf(v, 0) {
			return nil, nil, fmt.Errorf("frames: column %q, row %d: %v, which golearn cannot take", s.Name, i, v)
		}
	}
	return a, func(row int) uint64 { return math.Float64bits(list[row]) }, nil
}

// categories is a categorical attribute of the sorted values.
func categories(s series.Series) (base.Attribute, func(row int) uint64) {
	index := map[string]uint64{}
	if s.Type() == series.Bool {
		index["false"], index["true"] = 0, 0
	}
	records := s.Records()
	for _, v := range records {
		index[v] = 0
	}
	a := base.NewCategoricalAttribute()
	a.SetName(s.Name)
	for i, v := range slices.Sorted(maps.Keys(index)) {
		a.GetSysValFromString(v)
		index[v] = uint64(i)
	}
	return a, func(row int) uint64 { return index[records[row]] }
}

// FromGrid returns the columns of one of golearn's grids, in its order. A float
// attribute without decimals, of whole numbers only, is Int, another one Float;
// a binary attribute is Bool, and so is one of the categories false and true;
// other categories are String. So a grid of a frame gives the frame back, but
// that attributes of booleans are 0 and 1.
func FromGrid(grid base.FixedDataGrid) (dataframe.DataFrame, error) {
	if grid == nil {
		err := fmt.Errorf("frames: no grid")
		return failed(err), err
	}
	var columns []series.Series
	for _, a := range grid.AllAttributes() {
		spec, err := grid.GetAttribute(a)
		if err != nil {
			return failed(err), fmt.Errorf("frames: %w", err)
		}
		s, err := fromAttribute(grid, spec, a)
		if err != nil {
			return failed(err), err
		}
		columns = append(columns, s)
	}
	df := frame(columns...)
	return df, df.Err
}

func fromAttribute(grid base.FixedDataGrid, spec base.AttributeSpec, a base.Attribute) (series.Series, error) {
	_, rows := grid.Size()
	switch a := a.(type) {
	case *base.FloatAttribute:
		values, t := make([]float64, rows), series.Int
		for row := range values {
			v := base.UnpackBytesToFloat(grid.Get(spec, row))
			values[row] = v
			if a.Precision > 0 || v != math.Trunc(v) || math.Abs(v) > 1<<53 {
				t = series.Float
			}
		}
		if a.Precision > 0 {
			t = series.Float
		}
		return series.New(values, t, a.Name), nil
	case *base.BinaryAttribute:
		values := make([]bool, rows)
		for row := range values {
			values[row] = grid.Get(spec, row)[0] != 0
		}
		return series.New(values, series.Bool, a.Name), nil
	case *base.CategoricalAttribute:
		names, t := a.GetValues(), series.String
		if slices.Equal(names, []string{"false", "true"}) {
			t = series.Bool
		}
		values := make([]string, rows)
		for row := range values {
			i := base.UnpackBytesToU64(grid.Get(spec, row))
			if i >= uint64(len(names)) {
				return series.Series{}, fmt.Errorf("frames: attribute %q, row %d: category %d of %d", a.Name, row, i, len(names))
			}
			values[row] = names[i]
		}
		return series.New(values, t, a.Name), nil
	}
	return series.Series{}, fmt.Errorf("frames: attribute %q has type %T", a.GetName(), a)
}

// Confusion returns golearn's confusion matrix as a row per pair of classes:
// actual, predicted, count. Its own printing goes by the order of a map.
func Confusion(matrix map[string]map[string]int) dataframe.DataFrame {
	classes := map[string]bool{}
	for actual, row := range matrix {
		classes[actual] = true
		for predicted := range row {
			classes[predicted] = true
		}
	}
	var actual, predicted []string
	var count []int
	for _, a := range slices.Sorted(maps.Keys(classes)) {
		for _, p := range slices.Sorted(maps.Keys(classes)) {
			actual, predicted, count = append(actual, a), append(predicted, p), append(count, matrix[a][p])
		}
	}
	return frame(stringsOf("actual", actual), stringsOf("predicted", predicted), intsOf("count", count))
}
