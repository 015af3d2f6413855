package forest

// sums are weighted sums of the targets of rows[start:end], and of those before
// pos. The order of additions is scikit-learn's; conversions keep a compiler
// from fusing them with products.
type sums struct {
	target   []float64 // by row
	weight   []float64 // how often a row is in the bootstrap sample
	weighted []float64 // weight × target
	rows     []int32

	start, end           int
	sum, squares, total  float64 // of the node: weight × target, weight × target², weight
	pos                  int
	leftSum, leftTotal   float64
	rightSum, rightTotal float64
}

// node sums rows[start:end] up.
func (s *sums) node(start, end int) {
	s.start, s.end = start, end
	sum, squares, total := 0.0, 0.0, 0.0
	for _, r := range s.rows[start:end] {
		w := s.weighted[r]
		sum += w
		squares += float64(w * s.target[r])
		total += s.weight[r]
	}
	s.sum, s.squares, s.total = sum, squares, total
	s.reset()
}

// reset sets pos to the start.
func (s *sums) reset() {
	s.pos = s.start
	s.leftSum, s.leftTotal = 0, 0
	s.rightSum, s.rightTotal = s.sum, s.total
}

// move sets pos, from where it is or from the end, whichever is nearer.
func (s *sums) move(pos int) {
	if pos-s.pos <= s.end-pos {
		for _, r := range s.rows[s.pos:pos] {
			s.leftSum += s.weighted[r]
			s.leftTotal += s.weight[r]
		}
	} else {
		s.leftSum, s.leftTotal = s.sum, s.total
		for i := s.end - 1; i >= pos; i-- {
			r := s.rows[i]
			s.leftSum -= s.weighted[r]
			s.leftTotal -= s.weight[r]
		}
	}
	s.rightSum, s.rightTotal = s.sum-s.leftSum, s.total-s.leftTotal
	s.pos = pos
}

// gain ranks cuts: the less is left of the squared error, the higher.
func (s *sums) gain() float64 {
	return float64(s.leftSum*s.leftSum)/s.leftTotal + float64(s.rightSum*s.rightSum)/s.rightTotal
}

func (s *sums) mean() float64 { return s.sum / s.total }

func (s *sums) variance() float64 { return variance(s.squares, s.sum, s.total) }

// variances are those of both sides of pos.
func (s *sums) variances() (left, right float64) {
	squares := 0.0
	for _, r := range s.rows[s.start:s.pos] {
		squares += float64(s.weighted[r] * s.target[r])
	}
	return variance(squares, s.leftSum, s.leftTotal), variance(s.squares-squares, s.rightSum, s.rightTotal)
}

func variance(squares, sum, total float64) float64 {
	m := sum / total
	return squares/total - float64(m*m)
}
