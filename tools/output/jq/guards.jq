# Guards of the builtins and operators whose work outgrows their operands.
#
# A name with two underscores is gojq's own builtin. Names with one are operators
# (rewrite.go) or weigh operands (weigh.go): those return their input, or end the
# program. All others replace the builtin of that name.

def now: $__now;

# Operators. gojq evaluates the right side first.
def _add(l; r): r as $r | l as $l | _weigh_add($l; $r) | $l + $r;
def _subtract(l; r): r as $r | l as $l | _weigh_pairs($l; $r) | $l - $r;
def _multiply(l; r): r as $r | l as $l | _weigh_multiply($l; $r) | $l * $r;
def _divide(l; r): r as $r | l as $l | _weigh_split($l; $r) | $l / $r;
def _equal(l; r): r as $r | l as $l | _weigh_compare($l; $r) | $l == $r;
def _notequal(l; r): r as $r | l as $l | _weigh_compare($l; $r) | $l != $r;
def _greater(l; r): r as $r | l as $l | _weigh_compare($l; $r) | $l > $r;
def _less(l; r): r as $r | l as $l | _weigh_compare($l; $r) | $l < $r;
def _greatereq(l; r): r as $r | l as $l | _weigh_compare($l; $r) | $l >= $r;
def _lesseq(l; r): r as $r | l as $l | _weigh_compare($l; $r) | $l <= $r;

# Paths and updates.
def _sound(p): . as $in | reduce path(p) as $path (null; _weigh_path($path)) | $in;
def _index_guard: _weigh_index;
def __assign(p; x): p = x;
def _assign(p; x): _sound(p) | __assign(p; x);
def __modify(p; f): p |= f;
def _modify(p; f): _sound(p) | _weigh | __modify(p; f);
def __getpath($p): getpath($p);
def getpath($p): _weigh_path($p) | __getpath($p);
def __setpath($p; $x): setpath($p; $x);
def setpath($p; $x): _weigh_path($p) | __setpath($p; $x);
def __delpaths($ps): delpaths($ps);
def delpaths($ps): . as $in | reduce ($ps | arrays | .[]) as $p (null; _weigh_path($p)) | $in | _weigh | __delpaths($ps);
def del(p): delpaths([path(p)]);
def pick(p): . as $in | reduce path(p) as $path (null; setpath($path; $in | getpath($path)));
def map_values(f): .[] |= f;
def walk(f): def _walk: if type == "array" then map(_walk) elif type == "object" then map_values(_walk) else . end | f; _walk;
def __fromstream(f): fromstream(f);
def fromstream(f): __fromstream(f | _weigh_path(arrays | .[0]));

# Whole values, as text and as each other's equals.
def __tojson: tojson;
def tojson: _weigh | __tojson;
def __tostring: tostring;
def tostring: _weigh | __tostring;
def __tohtml: _tohtml;
def _tohtml: _weigh | __tohtml;
def __touri: _touri;
def _touri: _weigh | __touri;
def __tourid: _tourid;
def _tourid: _weigh | __tourid;
def __tobase64: _tobase64;
def _tobase64: _weigh | __tobase64;
def __tobase64d: _tobase64d;
def _tobase64d: _weigh | __tobase64d;
def __tosh: _tosh;
def _tosh: _weigh | __tosh;
def __format($f): format($f);
def format($f): _weigh | __format($f);
def __flatten: flatten;
def flatten: _weigh | __flatten;
def __flatten($depth): flatten($depth);
def flatten($depth): _weigh | __flatten($depth);
def __sort: sort;
def sort: _weigh | __sort;
def __sort_by(f): sort_by(f);
def sort_by(f): __sort_by(f | _weigh);
def __group_by(f): group_by(f);
def group_by(f): __group_by(f | _weigh);
def __unique: unique;
def unique: _weigh | __unique;
def __unique_by(f): unique_by(f);
def unique_by(f): __unique_by(f | _weigh);
def __min: min;
def min: _weigh | __min;
def __min_by(f): min_by(f);
def min_by(f): __min_by(f | _weigh);
def __max: max;
def max: _weigh | __max;
def __max_by(f): max_by(f);
def max_by(f): __max_by(f | _weigh);
def __bsearch($x): bsearch($x);
def bsearch($x): _weigh_compare(.; $x) | __bsearch($x);
def __IN(s): IN(s);
def IN(s): _weigh | __IN(s | _weigh);
def __IN(a; s): IN(a; s);
def IN(a; s): __IN(a | _weigh; s | _weigh);
def INDEX(s; f): [s | {(f | tostring): .}] | add // {};
def INDEX(f): INDEX(.[]; f);
def __JOIN($idx; f): JOIN($idx; f);
def JOIN($idx; f): __JOIN($idx; f | _weigh_index);
def __JOIN($idx; s; f): JOIN($idx; s; f);
def JOIN($idx; s; f): __JOIN($idx; s; f | _weigh_index);
def __JOIN($idx; s; f; j): JOIN($idx; s; f; j);
def JOIN($idx; s; f; j): __JOIN($idx; s; f | _weigh_index; j);

# Each part against each part.
def __contains($x): contains($x);
def contains($x): _weigh_pairs(.; $x) | __contains($x);
def __inside($x): inside($x);
def inside($x): _weigh_pairs(.; $x) | __inside($x);
def __indices($x): indices($x);
def indices($x): _weigh_search($x) | __indices($x);
def __index($x): index($x);
def index($x): _weigh_search($x) | __index($x);
def __rindex($x): rindex($x);
def rindex($x): _weigh_search($x) | __rindex($x);

# Many from little.
def __add: add;
def add: _weigh_sum("") | __add;
def add(f): [f] | add;
def __join($x): join($x);
def join($x): _weigh_sum($x) | __join($x);
def __transpose: transpose;
def transpose: _weigh_transpose | __transpose;
def __explode: explode;
def explode: _weigh_text(1e6) | __explode;
def __split($x): split($x);
def split($x): _weigh_split(.; $x) | __split($x);
def __fromjson: fromjson;
def fromjson: _weigh_text(1e6) | __fromjson;
def __tonumber: tonumber;
def tonumber: _weigh_text(1e3) | __tonumber;
def __strftime($f): strftime($f);
def strftime($f): . as $in | $f | _weigh_text(1e3) | $in | __strftime($f);
def __strptime($f): strptime($f);
def strptime($f): . as $in | _weigh_text(1e3) | $f | _weigh_text(1e3) | $in | __strptime($f);

# Regular expressions.
def __match($re): match($re);
def match($re): _weigh_match($re; null) | __match($re);
def __match($re; $flags): match($re; $flags);
def match($re; $flags): _weigh_match($re; $flags) | __match($re; $flags);
def __test($re): test($re);
def test($re): _weigh_match($re; null) | __test($re);
def __test($re; $flags): test($re; $flags);
def test($re; $flags): _weigh_match($re; $flags) | __test($re; $flags);
def __capture($re): capture($re);
def capture($re): _weigh_match($re; null) | __capture($re);
def __capture($re; $flags): capture($re; $flags);
def capture($re; $flags): _weigh_match($re; $flags) | __capture($re; $flags);
def __scan($re): scan($re);
def scan($re): _weigh_match($re; "g") | __scan($re);
def __scan($re; $flags): scan($re; $flags);
def scan($re; $flags): _weigh_match($re; "g") | __scan($re; $flags);
def __split($re; $flags): split($re; $flags);
def split($re; $flags): _weigh_match($re; "g") | __split($re; $flags);
def __splits($re): splits($re);
def splits($re): _weigh_match($re; "g") | __splits($re);
def __splits($re; $flags): splits($re; $flags);
def splits($re; $flags): _weigh_match($re; "g") | __splits($re; $flags);
def __sub($re; s): sub($re; s);
def sub($re; s): _weigh_match($re; null) | __sub($re; s);
def __sub($re; s; $flags): sub($re; s; $flags);
def sub($re; s; $flags): _weigh_match($re; $flags) | __sub($re; s; $flags);
def __gsub($re; s): gsub($re; s);
def gsub($re; s): _weigh_match($re; "g") | __gsub($re; s);
def __gsub($re; s; $flags): gsub($re; s; $flags);
def gsub($re; s; $flags): _weigh_match($re; "g") | __gsub($re; s; $flags);

# Not available: these depend on the machine, or take as long as their argument says.
def localtime: _refuse("localtime");
def strflocaltime($f): _refuse("strflocaltime");
def jn($n; $x): _refuse("jn");
def yn($n; $x): _refuse("yn");
