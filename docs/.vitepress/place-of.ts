/** The file of the site that a document of the repository becomes. */
export function placeOf(document: string): string {
  return document
    .replace(/^docs\//, '')
    .replace(/^(packages\/[^/]+)\/README\.md$/, '$1.md')
    .replace(/README\.md$/, 'index.md');
}
