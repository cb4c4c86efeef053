export const DigitsChapter = () => <p>soon</p>;
