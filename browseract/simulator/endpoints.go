package simulator

import (
	"math"
	"net/http"
)

// endpointTable is the API's description: what each endpoint takes.
func endpointTable() map[string]endpoint {
	const get, put, post = http.MethodGet, http.MethodPut, http.MethodPost
	taskID := identifier("task_id")
	page := param{name: "page", form: formInteger, min: 1, max: math.MaxInt32}
	limit := param{name: "limit", form: formInteger, min: 1, max: 500}
	return map[string]endpoint{
		"run-task":             {method: post, body: runMembers(), serve: (*Account).runTask},
		"run-task-by-template": {method: post, body: runTemplateMembers(), serve: (*Account).runTemplate},

		"get-task-status": {method: get, query: []param{taskID}, serve: (*Account).getTaskStatus},
		"get-task":        {method: get, query: []param{taskID}, serve: (*Account).getTask},
		"list-tasks":      {method: get, query: append(taskFilters(), page, limit), serve: (*Account).listTasks},
		"resume-task":     {method: put, query: []param{taskID}, serve: (*Account).resumeTask},
		"stop-task":       {method: put, query: []param{taskID, bizCode()}, serve: (*Account).stopTask},

		"list-workflows": {method: get, query: []param{page, limit}, serve: (*Account).listWorkflows},
		"get-workflow":   {method: get, query: []param{identifier("workflow_id")}, serve: (*Account).getWorkflow},

		"list-official-workflow-templates": {method: get, query: []param{{name: "keyword", form: formText}, page, limit}, serve: (*Account).listTemplates},
		"get-official-workflow-template":   {method: get, query: []param{identifier("workflow_template_id")}, serve: (*Account).getTemplate},
		"get-region-list":                  {method: get, serve: (*Account).getRegions},
	}
}

func identifier(name string) param {
	return param{name: name, form: formText, required: true}
}

// bizCode is any int32.
func bizCode() param {
	return param{name: "biz_code", form: formInteger, min: math.MinInt32, max: math.MaxInt32}
}

func runMembers() []param {
	return []param{
		identifier("workflow_id"),
		{name: "input_parameters", form: formInputs},
		{name: "save_browser_data", form: formBoolean},
		{name: "profile_id", form: formText},
		{name: "open_incognito_mode", form: formBoolean},
		{name: "callback_url", form: formCallback, maxLen: maxCallback},
		{name: "status_change_callback_url", form: formCallback, maxLen: maxCallback},
	}
}

func runTemplateMembers() []param {
	return []param{
		identifier("workflow_template_id"),
		{name: "input_parameters", form: formInputs},
		{name: "proxyRegion", form: formText},
		{name: "callback_url", form: formCallback, maxLen: maxCallback},
		{name: "status_change_callback_url", form: formCallback, maxLen: maxCallback},
	}
}

// inputMembers are those of an item of input_parameters.
func inputMembers() []param {
	return []param{
		identifier("name"),
		{name: "value", form: formText},
	}
}

func taskFilters() []param {
	return []param{
		{name: "status", form: formStatus},
		{name: "workflow_id", form: formText},
		{name: "workflow_name", form: formText},
		{name: "created_at_from", form: formTime},
		{name: "created_at_to", form: formTime},
	}
}

// region is a country that a template's task can appear to come from.
type region struct {
	Name string `json:"name"`
	Code string `json:"code"`
}

// regions are the supported ones, under the vendor's codes: UK, not GB.
func regions() []region {
	return []region{
		{"United States", "US"},
		{"United Kingdom", "UK"},
		{"Germany", "DE"},
		{"France", "FR"},
		{"Japan", "JP"},
		{"South Korea", "KR"},
		{"Singapore", "SG"},
		{"Hong Kong", "HK"},
		{"Taiwan", "TW"},
		{"India", "IN"},
		{"Australia", "AU"},
		{"Canada", "CA"},
		{"Brazil", "BR"},
		{"Mexico", "MX"},
		{"Spain", "ES"},
		{"Italy", "IT"},
		{"Netherlands", "NL"},
		{"Sweden", "SE"},
		{"Poland", "PL"},
		{"Turkey", "TR"},
	}
}
