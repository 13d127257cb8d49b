print("layercake")
