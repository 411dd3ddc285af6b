/** Follow what happens, over server-sent events; the browser reconnects by itself and says where it was. */

const NAMES = ["message", "gone", "state", "controls", "resync"];

/**
 * @param {string} person
 * @param {string} cursor what has been read already
 * @param {(name: string, data: any) => void} hear
 * @param {(connected: boolean, forGood: boolean) => void} turn told when the connection comes or goes
 * @returns {() => void} ends it
 */
export function follow(person, cursor, hear, turn) {
  const source = new EventSource(`/api/events?${new URLSearchParams({ person, cursor })}`);
  for (const name of NAMES) {
    source.addEventListener(name, (event) => {
      if (event instanceof MessageEvent) hear(name, JSON.parse(event.data));
    });
  }
  source.addEventListener("open", () => turn(true, false));
  source.addEventListener("error", () => turn(false, source.readyState === EventSource.CLOSED));
  return () => source.close();
}
