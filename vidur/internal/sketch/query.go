package sketch

import "math"

// Count is how many values were counted.
func (s *Sketch) Count() int { return int(s.count) }

// Rejected is how many values were not, because they were negative or not
// finite.
func (s *Sketch) Rejected() int { return int(s.rejected) }

// Min is the least value, exactly; 0 if there is none.
func (s *Sketch) Min() float64 { return s.min }

// Max is the greatest value, exactly; 0 if there is none.
func (s *Sketch) Max() float64 { return s.max }

// Sum is the sum of the values; exact but for rounding.
func (s *Sketch) Sum() float64 { return float64(s.shift*float64(s.count)) + s.sum }

// Mean is the mean of the values, exact but for rounding; 0 if there is none.
func (s *Sketch) Mean() float64 {
	if s.count == 0 {
		return 0
	}
	return s.shift + s.sum/float64(s.count)
}

// Std is the standard deviation of the values (of the population), exact but
// for rounding; 0 if there is none.
func (s *Sketch) Std() float64 {
	if s.count == 0 {
		return 0
	}
	n := float64(s.count)
	d := s.sum / n
	return math.Sqrt(max(0, s.sq/n-float64(d*d)))
}

// Quantile is the value of the bin that holds the value of rank q·(Count-1)
// among the sorted ones, rounded down, for q from 0 to 1. It is within
// Accuracy of that value; in the outermost bins it may lie beyond Min or Max.
// It is NaN if there is no value.
func (s *Sketch) Quantile(q float64) float64 {
	if s.count == 0 || q < 0 || q > 1 || q != q {
		return math.NaN()
	}
	rank := q * float64(s.count-1)
	below := int64(0)
	for key, c := range s.keys {
		if below += c; float64(below) > rank {
			return binValue(key)
		}
	}
	return math.NaN()
}

// Bins yields the bins that are not empty, by value, with the number of values
// in each.
func (s *Sketch) Bins(yield func(value float64, count int) bool) {
	for key, c := range s.keys {
		if !yield(binValue(key), int(c)) {
			return
		}
	}
}
