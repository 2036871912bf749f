/** Changes as they are written, without commits and without updates of the other packages, which share one version. */
module.exports = {
  getReleaseLine: async ({ summary }) =>
    // Notes of several paragraphs stand by themselves; others are items of a list.
    summary.includes('\n\n') ? summary.trim() : `- ${summary.trim().replaceAll('\n', '\n  ')}`,
  getDependencyReleaseLine: async () => '',
};
