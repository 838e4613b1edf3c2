package clients

import (
	"cmp"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
)

// A Machine is what a configuration's path depends on.
type Machine struct {
	// OS is the system in runtime.GOOS's words: windows, darwin, or one like linux.
	OS string
	// Getenv returns a variable of the environment, "" if it is not set.
	Getenv func(string) string
	// Dir is the project's folder.
	Dir string
	// Exists reports whether there is a file or folder at path.
	Exists func(path string) bool
}

// A place is where a configuration may be. Paths are written with slashes and hold
// variables as a shell has them: $NAME, or ${NAME:-default}. These always have a value:
// HOME is the user's folder, XDG_CONFIG_HOME that for programs which follow the XDG
// convention on every system, and APPDATA that for those which follow each system's own.
type place struct {
	// OS are the systems that have this place: windows, darwin, other; empty: all.
	OS []string `yaml:"os"`
	// If is a variable that, if it is set, makes this the only place; without it, the
	// place is none. "" is no condition.
	If   string `yaml:"if"`
	File string `yaml:"file"`
	// Sign exists if the client uses this place; "" is the file's folder.
	Sign string `yaml:"sign"`
}

// resolve returns the places that there are on this machine, with their full paths.
func (m Machine) resolve(places []place) ([]place, error) {
	var there []place
	for _, p := range places {
		if len(p.OS) > 0 && !slices.Contains(p.OS, m.system()) || p.If != "" && m.Getenv(p.If) == "" {
			continue
		}
		sign, signErr := m.expand(cmp.Or(p.Sign, path.Dir(p.File)))
		file, err := m.expand(p.File)
		if err := cmp.Or(signErr, err); err != nil {
			return nil, err
		}
		if p.If != "" {
			return []place{{File: file, Sign: sign}}, nil
		}
		there = append(there, place{File: file, Sign: sign})
	}
	return there, nil
}

func (m Machine) system() string {
	if m.OS == "windows" || m.OS == "darwin" {
		return m.OS
	}
	return "other"
}

// choose returns the first place whose sign exists, else the last.
func (m Machine) choose(places []place) place {
	if n := slices.IndexFunc(places, func(p place) bool { return m.Exists(p.Sign) }); n >= 0 {
		return places[n]
	}
	return places[len(places)-1]
}

// expand returns a path with the values of its variables and the system's separators.
func (m Machine) expand(path string) (expanded string, err error) {
	separators := "/"
	if m.OS == "windows" {
		separators, path = `\/`, strings.ReplaceAll(path, "/", `\`)
	}
	expanded = os.Expand(path, func(name string) string {
		name, other, _ := strings.Cut(name, ":-")
		value, failure := m.variable(name)
		if value == "" && failure == nil {
			value, failure = m.expand(other)
		}
		err = cmp.Or(err, failure)
		return strings.TrimRight(value, separators)
	})
	return expanded, err
}

func (m Machine) variable(name string) (string, error) {
	value := m.Getenv(name)
	switch {
	case name == "HOME":
		return m.home()
	case name == "APPDATA" && m.OS == "darwin":
		return m.expand("$HOME/Library/Application Support")
	case name == "APPDATA" && m.OS != "windows":
		return m.variable("XDG_CONFIG_HOME")
	case name == "APPDATA" && value == "":
		return m.expand("$HOME/AppData/Roaming")
	// Programs ignore a relative path.
	case name == "XDG_CONFIG_HOME" && (value == "" || m.OS != "windows" && !strings.HasPrefix(value, "/")):
		return m.expand("$HOME/.config")
	}
	return value, nil
}

func (m Machine) home() (string, error) {
	variable := "HOME"
	if m.OS == "windows" {
		variable = "USERPROFILE"
	}
	var problem string
	switch folder := m.Getenv(variable); {
	case folder == "":
		problem = "not set"
	case m.OS != "windows" && !strings.HasPrefix(folder, "/"): // another one in each folder
		problem = "no absolute path"
	default:
		return folder, nil
	}
	return "", fmt.Errorf("%s is %s, so the client's configuration cannot be found; name it with --client-config", variable, problem)
}

// inProject are the places of files in the project's folder, the usual one last.
func (m Machine) inProject(files []string) []place {
	folder := strings.TrimRight(m.Dir, "/") + "/"
	if m.OS == "windows" {
		folder = strings.TrimRight(m.Dir, `\/`) + `\`
	}
	var places []place
	for _, file := range append(files, files[0]) {
		if m.OS == "windows" {
			file = strings.ReplaceAll(file, "/", `\`)
		}
		places = append(places, place{File: folder + file, Sign: folder + file})
	}
	return places
}
