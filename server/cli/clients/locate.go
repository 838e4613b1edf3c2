package clients

import (
	"fmt"
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

// A place is where a configuration may be; sign exists if the client uses this place.
type place struct{ file, sign string }

// choose returns the first place whose sign exists, else the last.
func (m Machine) choose(places []place) place {
	for _, p := range places {
		if m.Exists(p.sign) {
			return p
		}
	}
	return places[len(places)-1]
}

func (m Machine) join(folder, path string) string {
	if m.OS != "windows" {
		return strings.TrimRight(folder, "/") + "/" + path
	}
	return strings.TrimRight(folder, `\/`) + `\` + strings.ReplaceAll(path, "/", `\`)
}

// in is a file in a folder that the client makes.
func (m Machine) in(folder, file string) place { return place{m.join(folder, file), folder} }

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

// dotConfig is the folder for configuration of programs that follow the XDG convention
// on every system. They ignore a relative path.
func (m Machine) dotConfig() (string, error) {
	if folder := m.Getenv("XDG_CONFIG_HOME"); m.OS == "windows" && folder != "" || strings.HasPrefix(folder, "/") {
		return folder, nil
	}
	home, err := m.home()
	return m.join(home, ".config"), err
}

// appData is the folder for configuration of programs that follow each system's own
// convention.
func (m Machine) appData() (string, error) {
	if folder := m.Getenv("APPDATA"); m.OS == "windows" && folder != "" {
		return folder, nil
	}
	home, err := m.home()
	switch m.OS {
	case "windows":
		return m.join(home, "AppData/Roaming"), err
	case "darwin":
		return m.join(home, "Library/Application Support"), err
	}
	return m.dotConfig()
}

// inHome is a file in a folder of the user's, or in the one that a variable names.
func inHome(folder, file string, variables ...string) func(Machine) ([]place, error) {
	return func(m Machine) ([]place, error) {
		for _, variable := range variables {
			if other := m.Getenv(variable); other != "" {
				return []place{m.in(other, file)}, nil
			}
		}
		home, err := m.home()
		return []place{m.in(m.join(home, folder), file)}, err
	}
}

// inAppData is a file in a folder of appData.
func inAppData(folder, file string) func(Machine) ([]place, error) {
	return func(m Machine) ([]place, error) {
		data, err := m.appData()
		return []place{m.in(m.join(data, folder), file)}, err
	}
}

// claudeDesktopPlaces has one more for Windows, which shows another folder to the
// program that comes as a package.
func claudeDesktopPlaces(m Machine) ([]place, error) {
	places, err := inAppData("Claude", "claude_desktop_config.json")(m)
	if local := m.Getenv("LOCALAPPDATA"); m.OS == "windows" && local != "" {
		packaged := m.in(m.join(local, "Packages/Claude_pzs8sxrjxfjjc"), "LocalCache/Roaming/Claude/claude_desktop_config.json")
		places = append([]place{packaged}, places...)
	}
	return places, err
}

// claudeCodePlaces is a file beside the client's folder, or in the one that a variable
// names.
func claudeCodePlaces(m Machine) ([]place, error) {
	if folder := m.Getenv("CLAUDE_CONFIG_DIR"); folder != "" {
		return []place{m.in(folder, ".claude.json")}, nil
	}
	home, err := m.home()
	return []place{{m.join(home, ".claude.json"), m.join(home, ".claude")}}, err
}

// geminiCLIPlaces is in the home folder, or in the one that a variable names instead.
func geminiCLIPlaces(m Machine) ([]place, error) {
	if home := m.Getenv("GEMINI_CLI_HOME"); home != "" {
		return []place{m.in(m.join(home, ".gemini"), "settings.json")}, nil
	}
	return inHome(".gemini", "settings.json")(m)
}

// zedPlaces follows the system on Windows and the XDG convention on Linux, where a
// sandbox has the outer folder in a variable.
func zedPlaces(m Machine) ([]place, error) {
	switch m.OS {
	case "windows":
		return inAppData("Zed", "settings.json")(m)
	case "darwin":
		return inHome(".config/zed", "settings.json")(m)
	}
	folder, err := m.dotConfig()
	if outer := m.Getenv("FLATPAK_XDG_CONFIG_HOME"); outer != "" {
		folder, err = outer, nil
	}
	return []place{m.in(m.join(folder, "zed"), "settings.json")}, err
}

// clinePlaces is one file for all of Cline's programs; older ones kept it in VS Code.
func clinePlaces(m Machine) ([]place, error) {
	if file := m.Getenv("CLINE_MCP_SETTINGS_PATH"); file != "" {
		return []place{{file, file}}, nil
	}
	const settings = "settings/cline_mcp_settings.json"
	if folder := m.Getenv("CLINE_DATA_DIR"); folder != "" {
		return []place{m.in(folder, settings)}, nil
	}
	shared, err := inHome(".cline", "data/"+settings, "CLINE_DIR")(m)
	if err != nil {
		return nil, err
	}
	older, err := inAppData("Code/User/globalStorage/saoudrizwan.claude-dev", settings)(m)
	return []place{shared[0], older[0], shared[0]}, err
}

// goosePlaces follows the XDG convention, and the system on Windows.
func goosePlaces(m Machine) ([]place, error) {
	if m.OS == "windows" {
		return inAppData("Block/goose/config", "config.yaml")(m)
	}
	folder, err := m.dotConfig()
	return []place{m.in(m.join(folder, "goose"), "config.yaml")}, err
}

// openCodePlaces are two files that are both read; the one that exists is changed.
func openCodePlaces(m Machine) ([]place, error) {
	folder, err := m.dotConfig()
	folder = m.join(folder, "opencode")
	plain, commented := m.join(folder, "opencode.json"), m.join(folder, "opencode.jsonc")
	return []place{{plain, plain}, {commented, commented}, {plain, folder}}, err
}
