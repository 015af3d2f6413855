// Package wire has the messages of Jupyter: connection files, signatures, headers,
// MIME bundles and their way into frames and out of them
// (https://jupyter-client.readthedocs.io/en/stable/messaging.html). It knows
// nothing of sockets and of what messages mean.
package wire
