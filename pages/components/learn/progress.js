const KEY = "digit-derby-learn";

// A browser that keeps nothing (a private window may refuse) remembers nothing: the page works as before.
function kept() {
  try {
    const read = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(read) ? read : [];
  } catch {
    return [];
  }
}

function keep(done) {
  try {
    localStorage.setItem(KEY, JSON.stringify(done));
  } catch {
    return;
  }
}

export default function ({ data, setStateValue }) {
  const before = data.forget ? [] : kept();
  const done = data.done && !before.includes(data.done) ? [...before, data.done] : before;
  if (data.forget || done !== before) keep(done);
  if (JSON.stringify(done) !== JSON.stringify(data.known)) setStateValue("done", done);
}
