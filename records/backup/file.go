package backup

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"filippo.io/age"
)

// What is wrong with a file; each has words of its own.
var (
	ErrNotBackup = errors.New("this is not a backup of Sightglass")
	ErrWrongKey  = errors.New("the backup does not open with this key")
	ErrCut       = errors.New("the backup was cut off: a part of it is missing")
	ErrAltered   = errors.New("the backup was altered: its seal does not hold")
	ErrDiskFull  = errors.New("the disk is full; no half backup was left")
	ErrThere     = errors.New("there is a file of this name already; a backup does not replace one")
)

const (
	chunk     = 64 << 10 // age's
	overhead  = 16       // of each chunk
	nonceSize = 16       // after the header
	magic     = "age-encryption.org/v1\n"
)

// Write makes the file at path, readable for its owner only: what dump writes, encrypted. It appears
// under its name once all of it is on the disk; else nothing is left.
func Write(path string, to []age.Recipient, dump func(io.Writer) error) error {
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("%s: %w", path, ErrThere)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.part") // made with mode 0600
	if err != nil {
		return err
	}
	if err := errors.Join(encrypt(tmp, to, dump), tmp.Sync()); err != nil {
		return errors.Join(full(err), tmp.Close(), os.Remove(tmp.Name()))
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return errors.Join(err, tmp.Close(), os.Remove(tmp.Name()))
	}
	_ = tmp.Close() // all of it is on the disk
	if syncErr := syncDir(filepath.Dir(path)); syncErr != nil {
		return fmt.Errorf("%s is written, but a power cut may still lose its name: %w", path, syncErr)
	}
	return nil
}

func full(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fmt.Errorf("%w (%w)", ErrDiskFull, err)
	}
	return err
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func encrypt(w io.Writer, to []age.Recipient, dump func(io.Writer) error) error {
	out := bufio.NewWriterSize(w, chunk)
	enc, err := age.Encrypt(out, to...)
	if err != nil {
		return err
	}
	counted := &counter{w: enc}
	if err := dump(counted); err != nil {
		return err
	}
	// Whole chunks: a file that was cut shows by its size, and the size tells less of what is in it.
	if rest := counted.n % chunk; rest > 0 || counted.n == 0 {
		if _, err := counted.Write(bytes.Repeat([]byte{'\n'}, int(chunk-rest))); err != nil {
			return err
		}
	}
	if err := enc.Close(); err != nil {
		return err
	}
	return out.Flush()
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// Open opens the file at path for reading what dump wrote. Reading to the end proves that all of it is
// there and nothing was altered.
func Open(path string, with ...age.Identity) (io.ReadCloser, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	r, err := open(f, with)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, errors.Join(err, f.Close()))
	}
	return reader{r, f}, nil
}

func open(f *os.File, with []age.Identity) (io.Reader, error) {
	if err := measure(f); err != nil {
		return nil, err
	}
	if len(with) == 0 {
		return nil, errNoKey
	}
	w := &witness{}
	r, err := age.Decrypt(bufio.NewReaderSize(f, chunk), append([]age.Identity{w}, with...)...)
	var none *age.NoIdentityMatchError
	switch {
	case err == nil:
		return r, nil
	case errors.As(err, &none):
		return nil, fmt.Errorf("%w: it wants %s", ErrWrongKey, wantedKey(w.seen))
	default:
		return nil, ErrAltered
	}
}

// measure tells a file that was cut by its size.
func measure(f *os.File) error {
	in := bufio.NewReader(f)
	var header int64
	for first := true; ; first = false {
		line, err := in.ReadSlice('\n')
		header += int64(len(line))
		switch {
		case first && err != nil && len(line) > 0 && bytes.HasPrefix([]byte(magic), line):
			return ErrCut
		case first && string(line) != magic, errors.Is(err, bufio.ErrBufferFull):
			return ErrNotBackup
		case errors.Is(err, io.EOF):
			return ErrCut
		case err != nil:
			return err
		}
		if bytes.HasPrefix(line, []byte("--- ")) {
			break
		}
	}
	fi, err := f.Stat()
	if err != nil {
		return err
	}
	if body := fi.Size() - header - nonceSize; body <= 0 || body%(chunk+overhead) != 0 {
		return ErrCut
	}
	_, err = f.Seek(0, io.SeekStart)
	return err
}

type reader struct {
	r io.Reader
	f *os.File
}

// Read implements io.Reader.
func (r reader) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	switch {
	case err == nil || errors.Is(err, io.EOF):
		return n, err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return n, ErrCut
	default:
		return n, fmt.Errorf("%w (%w)", ErrAltered, err)
	}
}

// Close implements io.Closer.
func (r reader) Close() error { return r.f.Close() }
