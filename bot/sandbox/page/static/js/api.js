/** Talk to the page's server; what goes wrong comes as words for people. */

/** What the server refused, or that it could not be reached. */
export class ApiError extends Error {
  /** @param {string} words @param {number} status 0 when there was no answer */
  constructor(words, status) {
    super(words);
    this.status = status;
  }
}

/** The requests of one person. */
export class Api {
  /** @param {string} person the name that stands in the page's address */
  constructor(person) {
    this.person = person;
  }

  /** @param {string} path @param {Record<string, string>} [query] */
  get(path, query = {}) {
    return this.#ask(`${path}?${new URLSearchParams({ person: this.person, ...query })}`, { method: "GET" });
  }

  /** @param {string} path @param {Record<string, unknown>} [body] @param {AbortSignal} [signal] */
  post(path, body = {}, signal) {
    return this.#ask(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ person: this.person, ...body }),
      signal,
    });
  }

  /** Do something as this person: see the server's actions. @param {string} act @param {Record<string, unknown>} body @param {AbortSignal} [signal] */
  act(act, body, signal) {
    return this.post(`/api/do/${act}`, body, signal);
  }

  /** @param {File} file @returns {Promise<{id: string, name: string, size: number}>} */
  upload(file) {
    const query = new URLSearchParams({ person: this.person, name: file.name });
    return this.#ask(`/api/uploads?${query}`, { method: "POST", headers: { "Content-Type": "application/octet-stream" }, body: file });
  }

  /** @param {string} path @param {RequestInit} options */
  async #ask(path, options) {
    let response;
    try {
      response = await fetch(path, options);
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") throw error;
      throw new ApiError("The sandbox doesn't answer. Is it still running?", 0);
    }
    const body = await response.json().catch(() => ({}));
    if (!response.ok) throw new ApiError(body.error ?? `The sandbox answered ${response.status}.`, response.status);
    return body;
  }
}
