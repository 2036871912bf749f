/**
 * Refuses the answer to a request for a file if it is an error or a web page, which development servers send with status 200
 * for addresses that they do not know.
 *
 * @throws Error with the reason, as a clause that follows a colon
 */
export function checkResponse(response: Response): void {
  if (!response.ok) throw new Error(`the server answered ${response.status} ${response.statusText}`.trim());
  if (response.headers.get('content-type')?.startsWith('text/html'))
    throw new Error('the server sent a web page; the address is probably wrong');
}
