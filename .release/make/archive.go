package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// A packer writes files into an archive.
type packer interface {
	add(path string, mode fs.FileMode, content []byte) error
	Close() error
}

// archive packs the program for a target with all that belongs to it.
func (r release) archive(t target) error {
	suffix, pack := ".tar.gz", newTar
	if t.system == "windows" {
		suffix, pack = ".zip", newZip
	}
	file, err := os.Create(r.file(t.String() + suffix))
	if err != nil {
		return err
	}
	to := pack(file, r.time)
	return errors.Join(r.pack(t, to), to.Close(), file.Close())
}

func (r release) pack(t target, to packer) error {
	program := r.program(t)
	if err := addFile(to, program, filepath.Base(program), 0o755); err != nil {
		return err
	}
	for _, file := range []string{"LICENSE", "README.md"} {
		if err := addFile(to, file, file, 0o644); err != nil {
			return err
		}
	}
	return errors.Join(
		addFolder(to, "server/cli/completion", "completions"),
		addFolder(to, filepath.Join(r.dist, "licenses"), "licenses"))
}

// addFolder adds the files of a folder that are no Go source, in their order.
func addFolder(to packer, folder, as string) error {
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(path, ".go") {
			return err
		}
		below, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		return addFile(to, path, as+"/"+filepath.ToSlash(below), 0o644)
	})
}

func addFile(to packer, path, as string, mode fs.FileMode) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return to.add(as, mode, content)
}

type tarPacker struct {
	*tar.Writer

	zipped *gzip.Writer
	time   time.Time
}

func newTar(w io.Writer, t time.Time) packer {
	zipped, _ := gzip.NewWriterLevel(w, gzip.BestCompression) // the level is a valid one
	return tarPacker{tar.NewWriter(zipped), zipped, t}
}

func (p tarPacker) add(path string, mode fs.FileMode, content []byte) error {
	header := &tar.Header{Name: path, Mode: int64(mode), Size: int64(len(content)), ModTime: p.time, Format: tar.FormatPAX}
	if err := p.WriteHeader(header); err != nil {
		return err
	}
	_, err := p.Write(content)
	return err
}

func (p tarPacker) Close() error { return errors.Join(p.Writer.Close(), p.zipped.Close()) }

type zipPacker struct {
	*zip.Writer

	time time.Time
}

func newZip(w io.Writer, t time.Time) packer { return zipPacker{zip.NewWriter(w), t} }

func (p zipPacker) add(path string, mode fs.FileMode, content []byte) error {
	header := &zip.FileHeader{Name: path, Method: zip.Deflate, Modified: p.time}
	header.SetMode(mode)
	w, err := p.CreateHeader(header)
	if err != nil {
		return err
	}
	_, err = w.Write(content)
	return err
}
