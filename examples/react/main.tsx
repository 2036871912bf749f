import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { FaceAnimation } from './face-animation';

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <FaceAnimation />
  </StrictMode>,
);
