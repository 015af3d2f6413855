package frames

import (
	"strings"

	"github.com/go-gota/gota/dataframe"

	"github.com/govidur/govidur/vidur/exectime/profile/layerwise"
	"github.com/govidur/govidur/vidur/exectime/trained"
)

// Layerwise returns a row per node of a table of a layerwise profile, of every
// phase, in the order of the file: phase, depth (0 for a root), name, module (the
// path of names around it, joined by "/"), kernel (whether nothing is in it),
// cuda_time_us and pct_cuda_time, both with all below it; and invocations of the
// table layerwise.Summary, or cpu_time_us and trace of layerwise.Model. Phases
// without the table, and those that are a copy of another, have no rows; it is an
// error, in the frame's Err, if no phase has it.
func Layerwise(p *layerwise.Profile, table string) dataframe.DataFrame {
	var phase, name, module, trace []string
	var depth, calls []int
	var kernel []bool
	var cuda, percent, cpu []float64
	var missing error
	for _, ph := range p.Phases {
		rows, err := ph.Rows(table)
		if err != nil {
			missing = err
			continue
		}
		if ph.Copy {
			continue
		}
		var around []string // names of the nodes above, by depth
		for _, r := range rows {
			path := strings.Join(around[:r.Depth], "/")
			around = append(around[:r.Depth], r.Name)
			phase, name, module, trace = append(phase, ph.Name), append(name, r.Name), append(module, path), append(trace, r.Trace)
			depth, calls, kernel = append(depth, r.Depth), append(calls, r.Calls), append(kernel, len(r.Children) == 0)
			cuda, percent, cpu = append(cuda, r.CUDA), append(percent, r.Percent), append(cpu, r.CPU)
		}
	}
	if phase == nil && missing != nil {
		return failed(missing)
	}
	columns := []any{phase, depth, name, module, kernel, cuda, percent}
	names := []string{"phase", "depth", "name", "module", "kernel", "cuda_time_us", "pct_cuda_time"}
	if table == layerwise.Model {
		columns, names = append(columns, cpu, trace), append(names, "cpu_time_us", "trace")
	} else {
		columns, names = append(columns, calls), append(names, "invocations")
	}
	return ofSlices(names, columns)
}

// ofSlices is a frame of typed slices by their names.
func ofSlices(names []string, columns []any) dataframe.DataFrame {
	at := 0
	df, _ := FromColumns(names, func(string) (any, error) {
		at++
		return columns[at-1], nil
	})
	return df
}

// Predictions returns a row per profiled measurement with what predicts it: op, size
// (tokens; requests of decode attention, chunk of prefill attention), cached (tokens
// of each request, of attention), measured_ms, learnt_ms (of an estimator that did
// not see the row; missing without one) and analytic_ms (missing without a formula),
// and how far off each is: learnt_error_percent and analytic_error_percent, above 0
// where the prediction is too long; file and line of the row.
func Predictions(points []trained.Point) dataframe.DataFrame {
	n := len(points)
	op, file, line := make([]string, n), make([]string, n), make([]int, n)
	var values [7][]float64
	for i := range points {
		p := &points[i]
		op[i], file[i], line[i] = p.Op.String(), p.File, p.Line
		for k, v := range [...]float64{
			p.Size, p.Cached, p.Measured, p.Learnt, p.Analytic,
			100 * (p.Learnt/p.Measured - 1), 100 * (p.Analytic/p.Measured - 1),
		} {
			values[k] = append(values[k], v)
		}
	}
	return ofSlices([]string{"op", "size", "cached", "measured_ms", "learnt_ms", "analytic_ms", "learnt_error_percent", "analytic_error_percent", "file", "line"},
		[]any{op, values[0], values[1], values[2], values[3], values[4], values[5], values[6], file, line})
}

// RooflinePoints returns a row per profiled measurement with its place under the
// roofline of the device: op, size and cached as in [Predictions], measured_ms,
// flops and bytes (of one call on one device), intensity_flop_per_byte, tflops (the
// rate that was reached), bound_ms (the least time by the datasheet) and
// share_of_bound, bound over measured time: 1 is as fast as the hardware can be.
// Intensity and rate are missing of what does no FLOPs, and the bound of what has
// none.
func RooflinePoints(points []trained.Point) dataframe.DataFrame {
	op := make([]string, len(points))
	var values [9][]float64
	for i := range points {
		p := &points[i]
		op[i] = p.Op.String()
		idle, free := p.Work.FLOPs == 0, p.Bound == 0
		for k, v := range [...]float64{
			p.Size, p.Cached, p.Measured, p.Work.FLOPs, p.Work.Bytes,
			unless(idle, p.Intensity()), unless(idle, p.Rate()), unless(free, p.Bound), unless(free, p.Share()),
		} {
			values[k] = append(values[k], v)
		}
	}
	return ofSlices([]string{"op", "size", "cached", "measured_ms", "flops", "bytes", "intensity_flop_per_byte", "tflops", "bound_ms", "share_of_bound"},
		[]any{op, values[0], values[1], values[2], values[3], values[4], values[5], values[6], values[7], values[8]})
}
