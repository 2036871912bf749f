/**
 * Refuses the answer to a request for a file if it is an error or a web page, which development servers send with status 200
 * for addresses that they do not know.
 *
 * @throws Error with the reason, as a clause that follows a colon
 */
export function checkResponse(response: Response): void {
  if (!response.ok) throw new Error(`the server answered ${response.status} ${response.statusText}`.trim());
  if (isWebPage(response)) throw new Error('the server sent a web page; the address is probably wrong');
}

/** Whether a server sent a web page, which no file of pictures, video or weights is. */
export function isWebPage({ headers }: Response): boolean {
  return headers.get('content-type')?.startsWith('text/html') ?? false;
}
