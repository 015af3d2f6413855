package metrics

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"math"

	"github.com/govidur/govidur/vidur/internal/sketch"
)

// Digest is a hash, in hexadecimal, of all that was recorded. Two runs that did
// the same have the same one, if their Options agree.
func (s *Store) Digest() string {
	s.settle()
	d := digest{h: sha256.New()}
	t := &s.totals
	d.floats(s.now, s.first, s.latest)
	d.ints(s.arrived, t.completed, t.restarts, t.prefill, t.decode, t.tokens, t.good)
	d.ints(t.met[:]...)
	for _, q := range s.rows.all {
		d.floats(q.Arrived, q.Gap, q.Scheduled, q.Started, q.Prefilled, q.Completed, q.Exec, q.CPU)
		d.ints(int(q.ID), int(q.Prefill), int(q.Decode), int(q.Prompt), int(q.Restarts), int(q.Replica), int(q.Class), int(q.Tenant))
	}
	for _, id := range s.order.all {
		d.ints(int(*id))
	}
	for i := range s.replicas {
		d.replica(&s.replicas[i])
	}
	for i := range s.sketched {
		d.sketch(&s.sketched[i])
	}
	for _, c := range []*counts{&s.decodeOnly, &s.mixed.tokens, &s.mixed.prefill, &s.mixed.decode, &s.mixed.size} {
		d.sketch(c.sketch())
	}
	for _, sk := range []*sketch.Sketch{&s.batchTime, &s.token, &s.regap} {
		d.sketch(sk)
	}
	s.digestOptional(&d)
	d.flush()
	return hex.EncodeToString(d.h.Sum(nil))
}

func (s *Store) digestOptional(d *digest) {
	for _, b := range s.batches.all {
		d.floats(b.scheduled, b.ended)
		d.ints(int(b.id), int(b.replica), int(b.tokens), int(b.prefill), int(b.requests), int(b.held))
	}
	for _, series := range []*list[point]{&s.prefillSeries, &s.decodeSeries} {
		for _, p := range series.all {
			d.floats(p.at)
			d.ints(int(p.n))
		}
	}
	if s.ops == nil {
		return
	}
	for i := range s.ops.times {
		d.sketch(s.ops.sketch(i))
	}
	for _, id := range s.ops.order.all {
		row := s.ops.rows.at(int(*id))
		d.ints(int(*id))
		d.floats(row.ms[:]...)
	}
}

// digest hashes numbers.
type digest struct {
	h   hash.Hash
	buf []byte
}

func (d *digest) floats(values ...float64) {
	for _, v := range values {
		if v != v {
			v = math.NaN() // one of the many
		}
		d.buf = binary.LittleEndian.AppendUint64(d.buf, math.Float64bits(v))
	}
	if len(d.buf) > 1<<15 {
		d.flush()
	}
}

func (d *digest) ints(values ...int) {
	for _, v := range values {
		d.buf = binary.LittleEndian.AppendUint64(d.buf, uint64(v))
	}
}

func (d *digest) flush() {
	d.h.Write(d.buf) // never fails
	d.buf = d.buf[:0]
}

func (d *digest) sketch(s *sketch.Sketch) {
	d.floats(s.Min(), s.Max(), s.Sum(), s.Std())
	d.ints(s.Count(), s.Rejected())
	for v, n := range s.Bins {
		d.floats(v)
		d.ints(n)
	}
}

func (d *digest) replica(u *replicaUse) {
	d.floats(u.at, u.heldTime)
	d.ints(u.blocks, u.completed, u.used, u.most, u.sum, u.samples)
	for i := range u.stages {
		st := &u.stages[i]
		d.floats(st.start, st.first, st.last, st.time, st.time0, st.flops, st.flop0, st.peak)
	}
}
