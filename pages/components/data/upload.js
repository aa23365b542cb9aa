// Sends the chosen file to the server's own address and tells Python its token.
const fields = new WeakMap(); // input → what Python said last, and the request that is under way

function cookie(name) {
  const found = document.cookie.split("; ").find((part) => part.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
}

const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

function answer(request) {
  try {
    return JSON.parse(request.responseText);
  } catch {
    return { problem: "The server did not answer." };
  }
}

function send(file, field, bar, say) {
  const request = new XMLHttpRequest();
  request.open("PUT", `${field.data.address}?name=${encodeURIComponent(file.name)}`);
  request.setRequestHeader("X-Xsrftoken", cookie("_streamlit_xsrf"));
  request.upload.addEventListener("progress", (event) => {
    bar.value = event.loaded / file.size;
    say(`${file.name}: ${megabytes(event.loaded)} of ${megabytes(file.size)}`);
  });
  request.addEventListener("load", () => {
    bar.hidden = true;
    const { problem, ...arrived } = answer(request);
    if (problem) say(problem);
    else {
      say(`${file.name} has arrived, ${megabytes(arrived.size)}.`);
      field.setStateValue("file", arrived);
    }
  });
  request.addEventListener("error", () => {
    bar.hidden = true;
    say("The connection broke; choose the file once more.");
  });
  bar.value = 0;
  bar.hidden = false;
  request.send(file);
  return request;
}

export default function ({ parentElement, data, setStateValue }) {
  const find = (name) => parentElement.querySelector(name);
  const [input, bar, said] = [find("input"), find("progress"), find("p")];
  find("label").textContent = data.label;
  input.accept = data.accept;
  const say = (text) => {
    said.textContent = text;
  };
  const known = fields.get(input);
  fields.set(input, { request: known?.request, data, setStateValue });
  if (known) return; // it listens already
  input.addEventListener("change", () => {
    const field = fields.get(input);
    field.request?.abort();
    bar.hidden = true;
    const [file] = input.files;
    if (!file) return;
    if (file.size > field.data.limit) say(field.data.tooLarge); // nothing is sent
    else field.request = send(file, field, bar, say);
  });
}
