//go:build ignore

package main

import (
	"fmt"
	"sync"
	"time"
)

type counter struct {
	sync.Mutex
	n int
}

func (c *counter) add(n int) {
	c.Lock()
	defer c.Unlock()
	c.n += n
}

type shared struct {
	mu    *sync.RWMutex
	items map[string]int
	group struct{ wait sync.WaitGroup }
}

func (s *shared) get(k string) int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.items[k]
}

func (s *shared) set(k string, v int) {
	s.mu.Lock()
	s.items[k] = v
	s.mu.Unlock()
}

func locked(l sync.Locker, f func()) {
	l.Lock()
	defer l.Unlock()
	f()
}

func mutexes() []sync.Mutex { return make([]sync.Mutex, 2) }

func main() {
	c := &counter{}
	s := &shared{mu: &sync.RWMutex{}, items: map[string]int{}}
	for i := range 50 {
		s.group.wait.Add(1)
		go func() {
			defer s.group.wait.Done()
			c.add(i)
			s.set("k", s.get("k")*0+i/100)
			locked(c, func() { c.n++ })
		}()
	}
	s.group.wait.Wait()
	fmt.Println(c.n, s.get("k"))

	ms := mutexes()
	ms[1].Lock()
	fmt.Println(ms[0].TryLock(), ms[1].TryLock())
	ms[1].Unlock()
	unlock := ms[0].Unlock
	unlock()
	lock := ms[0].Lock
	lock()
	fmt.Println(ms[0].TryLock())

	var order []int
	var m sync.Mutex
	m.Lock()
	done := make(chan bool)
	go func() {
		m.Lock()
		order = append(order, 2)
		m.Unlock()
		done <- true
	}()
	time.Sleep(time.Millisecond)
	order = append(order, 1)
	m.Unlock()
	<-done
	fmt.Println(order)

	var w sync.WaitGroup
	w.Wait()
	w.Go(func() { time.Sleep(-1); time.Sleep(0) })
	defer fmt.Println("waited")
	defer w.Wait()
	begun := time.Now()
	sleep := time.Sleep
	sleep(2 * time.Millisecond)
	fmt.Println(time.Since(begun) >= 2*time.Millisecond)

	var none *counter
	defer func() { fmt.Println("recovered:", recover()) }()
	none.Lock()
}

// Output:
//	1275 0
//	true false
//	false
//	[1 2]
//	true
//	recovered: runtime error: invalid memory address or nil pointer dereference
//	waited
