// Package fit fits the figures of the analytic model of operator times to the
// profiles of a GPU, or to AIConfigurator's tables of it, and writes them with its
// datasheet into a device file.
//
// Every figure is positive and is sought as its logarithm. The error of a
// measurement is the logarithm of predicted over measured time; below 5 µs it
// counts less, because profiles are in whole microseconds. Octaves of the
// number of tokens, or of bytes, weigh the same however many measurements they
// have: nine of ten rows are beyond 128 tokens. Errors beyond 10 % count
// linearly (soft-L1), so that single kernels that the library chose badly do
// not decide. The minimum is found with Levenberg and Marquardt's method from
// several starts, because there are local ones; a weak pull to the start, which
// the figures of the known cards are, holds what the data say nothing about.
package fit
