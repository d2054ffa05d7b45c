// Package calls holds the demo's telephone calls: scripts (*.txt), the sound made from them (*.mp3,
// one also as *.opus) and who speaks when, to the millisecond (*.json). `make demo-audio` makes sound
// and times again; tools/demo-audio.sh explains how a script is written. Nobody in them exists.
//
// It knows MP3 as far as counting frames goes, which is what it takes to say how long a file is and
// to repeat it for an hour. It decodes nothing, and it does not know who serves the calls: those are
// the simulators.
//
// Start reading at calls.go.
package calls
