// Runs the Inspector's command line against a server at the address of the first
// argument, and against the command that the others are, and prints a table.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';

const [url, ...command] = process.argv.slice(2);
const transports = { http: [url], stdio: command };
const isError = 5; // the exit code for a tool that answers isError
let firstList;

const checks = {
  'tools/list --strict'(run) {
    const { code, answer, advice } = run('tools/list', '--strict');
    assert.equal(advice, '', 'the Inspector has advice on the schemas');
    assert.equal(code, 0);
    const { tools } = answer.result;
    assert.ok(tools.some((tool) => tool.name === 'run_template'));
    firstList ??= tools;
    assert.deepEqual(tools, firstList, 'the tools differ from those of the first run');
  },
  'a good call'(run, era) {
    const { code, answer } = run('tools/call', ...get_template({ template_id: '77577579210625331' }));
    assert.equal(code, 0);
    const { structuredContent, content, _meta } = answer.result;
    assert.equal(structuredContent.name, 'Google Maps Businesses');
    assert.deepEqual(JSON.parse(content[0].text), structuredContent);
    const saysWho = _meta?.['io.modelcontextprotocol/serverInfo'] !== undefined;
    assert.equal(saysWho, era === 'modern', 'it was a call of the other era');
  },
  'a bad call'(run) {
    const { code, answer } = run('tools/call', ...get_template({ template: '77577579210625331' }));
    assert.equal(code, isError);
    const { isError: failed, structuredContent, content } = answer.result;
    assert.equal(failed, true);
    assert.equal(structuredContent, undefined);
    assert.match(content[0].text, /did you mean template_id\?/);
  },
};

function get_template(args) {
  return ['--tool-name', 'get_template', '--tool-args-json', JSON.stringify(args)];
}

// inspector returns a function that runs one method. The Inspector writes its
// advice to stderr, where a server over stdio logs, but not when it lists.
function inspector(era, target) {
  return (method, ...options) => {
    const { status, stdout, stderr } = spawnSync(
      'inspector',
      ['--cli', '--format', 'json', '--protocol-era', era, '--method', method, ...options, ...target],
      { encoding: 'utf8', timeout: 20_000 },
    );
    assert.notEqual(stdout, '', `no answer, exit code ${status}: ${stderr}`);
    return { code: status, answer: JSON.parse(stdout), advice: stderr };
  };
}

console.log('transport  era     check                result');
for (const [transport, target] of Object.entries(transports)) {
  for (const era of ['legacy', 'modern']) {
    for (const [name, check] of Object.entries(checks)) {
      let result = 'pass';
      try {
        check(inspector(era, target), era);
      } catch (error) {
        result = `FAIL: ${error.message}`;
        process.exitCode = 1;
      }
      console.log(transport.padEnd(10), era.padEnd(7), name.padEnd(20), result);
    }
  }
}
