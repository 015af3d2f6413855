package frames

import (
	"errors"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/govidur/govidur/vidur/breakdown"
)

// Breakdown returns a row per complete request, by ID, with where its time went,
// s: request_id; e2e and ttft; a column for each [breakdown.Part] by its name, as
// in left_out; and the same up to the first token, as in ttft_left_out, and after
// it, as in decode_left_out. Below 2^23 s the parts sum exactly, in any order. Join
// it with Requests by request_id for the rest.
func Breakdown(rec *breakdown.Recorder) dataframe.DataFrame {
	if rec == nil {
		return failed(errors.New("frames: no breakdown.Recorder"))
	}
	if err := rec.Err(); err != nil {
		return failed(err)
	}
	requests := rec.Requests()
	ids := make([]int, len(requests))
	e2e, ttft := make([]float64, len(requests)), make([]float64, len(requests))
	for i := range requests {
		ids[i], e2e[i], ttft[i] = requests[i].ID, requests[i].E2E(), requests[i].TTFT.Sum()
	}
	columns := []series.Series{intsOf("request_id", ids), floatsOf("e2e", e2e), floatsOf("ttft", ttft)}
	for _, of := range []struct {
		prefix string
		parts  func(r *breakdown.Request) breakdown.Parts
	}{
		{"", (*breakdown.Request).All},
		{"ttft_", func(r *breakdown.Request) breakdown.Parts { return r.TTFT }},
		{"decode_", func(r *breakdown.Request) breakdown.Parts { return r.Decode }},
	} {
		columns = append(columns, partColumns(of.prefix, requests, of.parts)...)
	}
	return frame(columns...)
}

// partColumns are a column for each part.
func partColumns(prefix string, requests []breakdown.Request, of func(r *breakdown.Request) breakdown.Parts) []series.Series {
	var values [breakdown.NumParts][]float64
	for p := range values {
		values[p] = make([]float64, len(requests))
	}
	for i := range requests {
		for p, s := range of(&requests[i]) {
			values[p][i] = s
		}
	}
	columns := make([]series.Series, len(values))
	for p := range values {
		columns[p] = floatsOf(prefix+breakdown.Part(p).String(), values[p])
	}
	return columns
}
