package trained

import "github.com/govidur/govidur/vidur"

// Source says what an operator's times rest on.
type Source uint8

// The sources, best first.
const (
	// Measured: profiled for this replica's shape, in steps that leave little to
	// the estimator.
	Measured Source = iota
	// Interpolated: profiled for this shape, but somewhere in the range the next
	// size is more than twice as large, and more than 8 away.
	Interpolated
	// Imported: converted from another profiler's file. Exact at the sizes in it,
	// and elsewhere the analytic model by their ratio to it.
	Imported
	// Transferred: the analytic model, corrected by profiles of other shapes on
	// the same device.
	Transferred
	// Analytic: the analytic model as it is.
	Analytic
)

var sourceNames = [...]string{"measured", "interpolated", "imported", "transferred", "analytic"}

// String is the source in a word.
func (s Source) String() string { return sourceNames[s] }

// MarshalText is String.
func (s Source) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Provenance is what is known of one operator.
type Provenance struct {
	Op        vidur.Op `json:"operator"`
	Source    Source   `json:"source"`
	Estimator string   `json:"estimator"`      // kind and parameters; a formula for analytic ones
	Rows      int      `json:"rows,omitempty"` // of the profiles

	// CVError is the mean absolute error in percent to expect: of a measured
	// operator by cross-validation, of a transferred one on a shape that the
	// correction was not fitted to, of an analytic one as documented, mostly of
	// models that were left out when its figures were fitted.
	CVError    float64 `json:"error_percent"`
	TrainError float64 `json:"training_error_percent,omitempty"` // on the rows that it was fitted to; 0 for analytic ones
	Range      string  `json:"range,omitempty"`                  // what was profiled
	Note       string  `json:"note,omitempty"`
}
