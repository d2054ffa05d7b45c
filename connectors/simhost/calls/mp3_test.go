package calls_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/sightglass-gateway/sightglass/connectors/simhost/calls"
)

func TestWalkRefusesWhatIsNotFrames(t *testing.T) {
	good := calls.Get(calls.Mailbox).MP3()
	flip := func(at int, to byte) []byte {
		b := bytes.Clone(good)
		b[at] = to
		return b
	}
	for what, b := range map[string][]byte{
		"nothing": nil, "text": []byte("ID3 is not a frame"), "a cut frame": good[:len(good)-1], "a byte more": append(bytes.Clone(good), 0xff),
		"layer II": flip(1, good[1]&^6|4), "no bit rate": flip(2, good[2]&0x0f), "no sample rate": flip(2, good[2]|0x0c), "lost sync": flip(144, 0),
		"a change of rate": flip(144+2, good[2]&^0x0c),
	} {
		if m, err := calls.Walk(b); err == nil {
			t.Errorf("%s: got %+v, want an error", what, m)
		}
	}
}

func TestAnHourIsTheSameBytesFromAnywhere(t *testing.T) {
	once := calls.Get(calls.Transfer).MP3()
	l, err := calls.Repeat(once, 3600)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(l.Seconds()-3600) > 0.036 || l.Size() != int64(math.Round(l.Seconds()/0.036))*144 {
		t.Fatalf("got %d bytes for %v s, want whole frames for an hour", l.Size(), l.Seconds())
	}
	whole, err := io.ReadAll(io.NewSectionReader(l, 0, l.Size()))
	if err != nil || int64(len(whole)) != l.Size() {
		t.Fatalf("whole: got %d bytes, %v, want %d", len(whole), err, l.Size())
	}
	if m, err := calls.Walk(whole); err != nil || math.Abs(m.Seconds()-l.Seconds()) > 1e-6 {
		t.Errorf("frames: got %v s, error %v, want %v", m.Seconds(), err, l.Seconds())
	}
	at := int(math.Round(l.Every()/0.036)) * 144
	if at != len(once) || !bytes.Equal(whole[at:2*at], once) {
		t.Errorf("after %v s: got other bytes, want the beginning again", l.Every())
	}
	rnd := rand.New(rand.NewPCG(4, 4))
	for range 2000 {
		from := rnd.Int64N(l.Size() + 10)
		b := make([]byte, rnd.IntN(3*len(once)))
		n, err := l.ReadAt(b, from)
		want := whole[min(from, l.Size()):min(from+int64(len(b)), l.Size())]
		if !bytes.Equal(b[:n], want) || errors.Is(err, io.EOF) != (n < len(b)) {
			t.Fatalf("%d bytes from %d: got %d, %v, want %d", len(b), from, n, err, len(want))
		}
	}
	if _, err := l.ReadAt(make([]byte, 1), -1); err == nil {
		t.Error("byte -1: got no error")
	}
}

func TestRepeatWantsFramesOfOneSize(t *testing.T) {
	b := bytes.Clone(calls.Get(calls.Mailbox).MP3()[:288])
	b[2] |= 2 // one byte of padding, which is the next frame's first
	b = append(b[:144:144], append([]byte{0}, b[144:]...)...)
	if l, err := calls.Repeat(b, 60); err == nil {
		t.Errorf("got %d bytes, want an error", l.Size())
	}
	if _, err := calls.Repeat([]byte("RIFF"), 60); err == nil {
		t.Error("a WAV file: got no error")
	}
}
