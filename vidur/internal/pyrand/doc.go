// Package pyrand draws the random numbers that Python's random module and
// NumPy's RandomState draw from the same seed. The original simulator takes its
// requests and its forests from those two streams, so its runs can be repeated
// number by number.
//
// Both stand on the Mersenne Twister MT19937 (Matsumoto and Nishimura, ACM
// TOMACS 8, 1998) but differ in how they turn a seed into a state and a word
// into a number. Only what the original draws is here: this is no general
// source of random numbers, and new code takes math/rand/v2.
package pyrand
