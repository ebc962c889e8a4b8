// Keeps the empty public form so that it opens without a signal. Never an answer, a code or a staff page.
const SHELL = "waypost-shell-1";
const FILES = ["/", "/static/css/app.css", "/static/css/resident.css", "/static/js/resident.js", "/static/icons/app.svg", "/manifest.webmanifest"];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELL).then((shell) => shell.addAll(FILES.map((file) => new Request(file, { cache: "reload" })))).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name.startsWith("waypost-") && name !== SHELL).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin || !FILES.includes(pathname)) return;
  event.respondWith(freshOrKept(request, pathname));
});

async function freshOrKept(request, pathname) {
  const shell = await caches.open(SHELL);
  try {
    const answer = await fetch(request);
    if (answer.ok && !answer.redirected) await shell.put(pathname, answer.clone());
    return answer;
  } catch (error) {
    const kept = await shell.match(pathname);
    if (kept) return kept;
    throw error;
  }
}
