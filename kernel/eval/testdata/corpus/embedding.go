//go:build ignore

package main

import (
	"fmt"
)

type Animal struct{ name string }

func (a Animal) Name() string     { return "I am " + a.name }
func (a *Animal) rename(s string) { a.name = s }

type Dog struct {
	Animal
	age int
}
type Namer interface{ Name() string }

func main() {
	d := Dog{Animal{"rex"}, 3}
	fmt.Println(d.Name(), d.name, d.Animal.name)
	d.rename("max")
	fmt.Println(d.Name())
	var n Namer = d
	fmt.Println(n.Name())
	n = &d
	d.rename("z")
	fmt.Println(n.Name())
}

// Output:
//	I am rex rex rex
//	I am max
//	I am max
//	I am z
