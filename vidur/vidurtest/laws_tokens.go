package vidurtest

import "github.com/govidur/govidur/vidur"

// sync follows the restarts of a request between its batches, and checks that
// nothing else changed its progress.
func (l *Laws) sync(w where, f *life) {
	r := w.r
	if r.Restarts < f.restarts || r.Restarts > f.restarts && f.in != nil {
		l.fail(Tokens, w, "it has %d restarts and had %d, and is in a batch or goes backwards", r.Restarts, f.restarts)
		return
	}
	if r.Restarts > f.restarts {
		if r.Prompt != f.done && r.Prompt != max(f.prompt, f.done) {
			l.fail(Tokens, w, "it restarts at %d of %d tokens with a prompt of %d", f.done, f.prompt, r.Prompt)
		}
		f.lost += f.done
		if f.done > f.prompt {
			f.lost--
		}
		f.cut = f.cut || r.Prompt < f.prompt
		f.restarts, f.prompt, f.done = r.Restarts, r.Prompt, 0
	}
	if r.Done != f.done || r.Prompt != f.prompt {
		l.fail(Tokens, w, "it is at %d with a prompt of %d, and was at %d with %d: no batch did that", r.Done, r.Prompt, f.done, f.prompt)
	}
}

// formed takes a batch into account that a scheduler filled.
func (l *Laws) formed(s *site, b *vidur.Batch) {
	w := where{rep: s.rep, b: b}
	if len(b.Slots) == 0 || b.ID != l.batches || b.ScheduledAt != l.now {
		l.fail(Requests, w, "batch %d of %d requests was scheduled at %g s; expected ID %d", b.ID, len(b.Slots), b.ScheduledAt, l.batches)
	}
	l.batches++
	fl := &flight{b: b, id: b.ID}
	s.flights = append(s.flights, fl)
	l.sums(w)
	for i := range b.Slots {
		slot := &b.Slots[i]
		w.r = slot.Request
		f := l.life(w)
		if f == nil {
			return
		}
		if f.in != nil {
			l.fail(Requests, w, "it is in batch %d too", f.in.id)
		}
		l.sync(w, f)
		l.slot(w, slot)
		f.in = fl
		f.leap = f.leap || slot.Advance != slot.Tokens
		l.firstTime(w, f, s)
	}
}

func (l *Laws) firstTime(w where, f *life, s *site) {
	if f.scheduled {
		return
	}
	f.scheduled = true
	if l.FCFS && f.turn != s.firsts {
		l.fail(Order, w, "it came as number %d and is scheduled for the first time as number %d", f.turn, s.firsts)
	}
	s.firsts++
	if !w.r.Started() || w.r.ScheduledAt != l.now || l.now < w.r.At {
		l.fail(Causality, w, "it arrived at %g s and says that it was first scheduled at %g s", w.r.At, w.r.ScheduledAt)
	}
}

func (l *Laws) slot(w where, slot *vidur.Slot) {
	r, n, cached := slot.Request, int(slot.Tokens), int(slot.Cached)
	switch {
	case cached != r.Done || slot.Decode != r.Prefilled():
		l.fail(Tokens, w, "its slot says %d cached, decode %v; it has %d and %v", cached, slot.Decode, r.Done, r.Prefilled())
	case r.Completed():
		l.fail(Requests, w, "it is complete")
	case n < 1 || slot.Decode && n != 1 || !slot.Decode && cached+n > r.Prompt:
		l.fail(Tokens, w, "it gets %d tokens after %d of a prompt of %d", n, cached, r.Prompt)
	case slot.Advance < 1 || !slot.Decode && cached+int(slot.Advance) > r.Prompt:
		l.fail(Tokens, w, "it is to advance by %d after %d of a prompt of %d", slot.Advance, cached, r.Prompt)
	}
	if !l.Paged {
		return
	}
	if slot.Decode {
		l.checkPages(w, cached)
	} else {
		l.checkPages(w, cached+n)
	}
}

// sums checks the totals of a batch.
func (l *Laws) sums(w where) {
	var tokens, prefill, decodes, cached int
	var attended int64
	for i := range w.b.Slots {
		s := &w.b.Slots[i]
		tokens += int(s.Tokens)
		attended += int64(s.Tokens) * int64(s.Tokens+s.Cached)
		if s.Decode {
			decodes++
			cached += int(s.Cached)
		} else {
			prefill += int(s.Tokens)
		}
	}
	b := w.b
	if b.NumTokens != tokens || b.PrefillTokens != prefill || b.NumDecodes != decodes || b.DecodeCached != cached || b.Attended != attended {
		l.fail(Tokens, w, "its sums %d %d %d %d %d are not those of its slots, %d %d %d %d %d",
			b.NumTokens, b.PrefillTokens, b.NumDecodes, b.DecodeCached, b.Attended, tokens, prefill, decodes, cached, attended)
	}
}

// ended takes the end of a batch into account for one of its requests.
func (l *Laws) ended(w where, s *site, fl *flight, slot *vidur.Slot) {
	f := l.life(w)
	if f == nil {
		return
	}
	r := w.r
	f.in = nil
	f.tokens += int(slot.Tokens)
	f.exec += fl.exec
	if slot.Decode {
		f.decodes++
	}
	f.done = int(slot.Cached + slot.Advance)
	if f.done == f.prompt {
		f.done++
		f.fills++
		if !r.FirstToken() || f.fills == 1 && r.PrefilledAt != l.now {
			l.fail(Causality, w, "it says that its first token was at %g s", r.PrefilledAt)
		}
	}
	if r.IterEnd != l.now || r.ExecTime != f.exec {
		l.fail(Causality, w, "it says that its iteration ended at %g s and that it ran for %g s; the stages took %g s", r.IterEnd, r.ExecTime, f.exec)
	}
	if complete := f.done >= r.Total(); complete != r.Completed() {
		l.fail(Tokens, w, "it has %d of %d tokens, and Completed is %v", f.done, r.Total(), r.Completed())
	}
	if r.Completed() {
		l.completed(w, f)
		s.live--
	}
}

func (l *Laws) completed(w where, f *life) {
	r := w.r
	ordered := r.At <= r.ScheduledAt && r.ScheduledAt <= r.StartedAt && r.StartedAt <= r.PrefilledAt && r.PrefilledAt <= r.CompletedAt
	if !ordered || r.CompletedAt != l.now || !r.FirstToken() {
		l.fail(Causality, w, "arrived %g, scheduled %g, started %g, first token %g, completed %g s", r.At, r.ScheduledAt, r.StartedAt, r.PrefilledAt, r.CompletedAt)
	}
	if want := r.Prefill + r.Decode - 1 + f.lost; !f.leap && f.tokens != want {
		l.fail(Tokens, w, "it took %d tokens, and %d + %d - 1 and %d again after restarts are %d", f.tokens, r.Prefill, r.Decode, f.lost, want)
	}
	if !f.leap && !f.cut && f.fills+f.decodes != r.Decode {
		l.fail(Tokens, w, "%d prefills and %d decodes generated %d tokens", f.fills, f.decodes, r.Decode)
	}
	f.r = nil
}
