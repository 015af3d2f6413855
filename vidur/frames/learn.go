package frames

import (
	"fmt"
	"slices"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/govidur/govidur/vidur/exectime/learn"
)

// Data returns columns of numbers as the data that learn's estimators take;
// without features, all columns but the target. Every value must be there and
// be finite; see Complete.
func Data(df dataframe.DataFrame, target string, features ...string) (learn.Data, error) {
	if err := sound(df); err != nil {
		return learn.Data{}, err
	}
	if len(features) == 0 {
		features = slices.DeleteFunc(df.Names(), func(name string) bool { return name == target })
	}
	d := learn.Data{Features: slices.Clone(features)}
	for i, name := range append(slices.Clone(features), target) {
		values, err := Floats(df, name)
		if err != nil {
			return learn.Data{}, err
		}
		if i < len(features) {
			d.X = append(d.X, values)
		} else {
			d.Y = values
		}
	}
	if err := d.Check(); err != nil {
		return learn.Data{}, fmt.Errorf("frames: %w; see Complete", err)
	}
	return d, nil
}

// FromData returns data as a frame: a column per feature, then the target.
func FromData(d learn.Data, target string) (dataframe.DataFrame, error) {
	if len(d.X) != len(d.Features) {
		err := fmt.Errorf("frames: data with %d named features and %d columns", len(d.Features), len(d.X))
		return failed(err), err
	}
	var columns []series.Series
	for k, x := range d.X {
		columns = append(columns, floatsOf(d.Features[k], x))
	}
	df := frame(append(columns, floatsOf(target, d.Y))...)
	return df, df.Err
}
