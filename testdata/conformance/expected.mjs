// What does not pass, why, and what the suite says of it. A scenario that is not
// listed for a server and a revision has to pass every check. One that is listed
// has to fail, and each of its failures has to read like its message here. In a
// scenario of which only a part is listed, some checks have to pass.
const [v2025, v2026] = ['2025-11-25', '2026-07-28'];
const names = (list) => list.trim().split(/\s+/);

const needsToolsOfSuite = names(`
  tools-call-simple-text tools-call-image tools-call-audio tools-call-embedded-resource tools-call-mixed-content
  tools-call-error tools-call-with-progress json-schema-2020-12`);
const needsSession = names(`
  tools-call-sampling tools-call-elicitation elicitation-sep1034-defaults elicitation-sep1330-enums`);
const needsResourcesOrPromptsOfSuite = names(`
  resources-read-text resources-read-binary resources-templates-read
  prompts-get-simple prompts-get-with-args prompts-get-embedded-resource prompts-get-with-image
  completion-complete`);

const needsFixture = 'calls a tool of the suite';
const needsMore = 'needs logging, or to subscribe to resources';
const needsMoreOfSuite = 'reads a resource or a prompt of the suite';

export default [
  // The product offers tools, resources and prompts of its own.
  {
    server: 'product', revision: v2025, scenarios: [...needsToolsOfSuite, ...needsSession],
    message: /ool ['"]\w+['"] not found/, why: needsFixture,
  },
  {
    server: 'product', revision: v2025,
    scenarios: names('resources-subscribe resources-unsubscribe logging-set-level tools-call-with-logging'),
    message: /(resources subscribe|logging) not supported/, why: needsMore,
  },
  ...[v2025, v2026].map((revision) => ({
    server: 'product', revision, scenarios: needsResourcesOrPromptsOfSuite,
    message: /(Resource|Prompt) "[^"]+" not found|There is no such prompt/, why: needsMoreOfSuite,
  })),
  {
    server: 'product', revision: v2026, scenarios: needsToolsOfSuite,
    message: /ool ['"]\w+['"] not found/, why: needsFixture,
  },
  {
    server: 'product', revision: v2026,
    scenarios: names(`
      input-required-result-basic-elicitation input-required-result-basic-sampling input-required-result-basic-list-roots
      input-required-result-request-state input-required-result-tampered-state input-required-result-capability-check
      input-required-result-multiple-input-requests input-required-result-multi-round input-required-result-result-type
      input-required-result-missing-input-response input-required-result-ignore-extra-params`),
    message: /Tool "\w+" not found|^Prerequisite failed|^Expected InputRequiredResult|^Server returned JSON-RPC error instead/,
    why: needsFixture,
  },
  {
    server: 'product', revision: v2026, scenarios: ['input-required-result-non-tool-request'],
    message: /Prompt "\w+" not found/, why: needsMoreOfSuite,
  },
  {
    server: 'product', revision: v2026, scenarios: ['http-custom-header-server-validation'],
    message: /no tool with x-mcp-header/, why: needsFixture,
  },
  {
    server: 'product', revision: v2026, partly: true, scenarios: ['server-stateless'],
    message: /^Not testable: server does not list/, why: needsFixture,
  },

  // The endpoint is stateless, and a client of 2025-11-25 can be asked only in a session.
  {
    server: 'fixture', revision: v2025, scenarios: needsSession,
    message: /session does not support (elicitation|sampling)/, why: 'needs a session to ask the client in',
  },
  ...['product', 'fixture'].map((server) => ({
    server, revision: v2025, scenarios: names('server-session-lifecycle server-sse-multiple-streams server-sse-polling'),
    message: /did not (return an MCP-Session-Id|provide session ID)/, why: 'tests sessions, of which there are none',
  })),

  // An extension, which neither server announces.
  ...['product', 'fixture'].map((server) => ({
    server, revision: v2026,
    scenarios: names(`
      tasks-lifecycle tasks-capability-negotiation tasks-wire-fields tasks-request-state-removal tasks-mrtr-input
      tasks-request-headers tasks-dispatch-and-envelope tasks-required-task-error tasks-mrtr-composition tasks-status-notifications`),
    message: /not found|^Not testable|MUST be advertised|got -32601|code -32602|unavailable|^Skipped/, why: 'needs the extension for tasks',
  })),
];
