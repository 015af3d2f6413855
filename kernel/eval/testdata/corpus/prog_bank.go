//go:build ignore

package main

import (
	"errors"
	"fmt"
)

type Account struct {
	Balance int
	log     []int
}
type InsufficientError struct{ Need, Have int }

func (e InsufficientError) Error() string { return fmt.Sprintf("need %d, have %d", e.Need, e.Have) }
func (a *Account) Apply(n int) error {
	if a.Balance+n < 0 {
		return fmt.Errorf("apply %d: %w", n, InsufficientError{-n, a.Balance})
	}
	a.Balance += n
	a.log = append(a.log, n)
	return nil
}
func main() {
	a := &Account{Balance: 10}
	for _, amt := range []int{5, -3, -100} {
		if err := a.Apply(amt); err != nil {
			var ie InsufficientError
			if errors.As(err, &ie) {
				fmt.Println("short by", ie.Need-ie.Have)
			}
			fmt.Println(err)
		}
	}
	fmt.Printf("%+v\n", *a)
}

// Output:
//	short by 88
//	apply -100: need 100, have 12
//	{Balance:12 log:[5 -3]}
