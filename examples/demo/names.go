package demo

// Every name is drawn from these short lists at random; none belongs to a person we know of.

// culture is where a household's names come from, and how often, in percent.
type culture struct {
	name     string
	percent  int
	language string
	girls    []string
	boys     []string
	carersF  []string
	carersM  []string
	families []string
}

func cultures() []culture {
	return []culture{
		{
			name: "english", percent: 47, language: "eng",
			girls: words("Olivia Emma Charlotte Amelia Abigail Hannah Grace Chloe Lily Zoe Norah Ruby Violet Hazel Molly Katherine Elizabeth Madison " +
				"Samantha Isabelle Paige Jordan Ava Sophia Mia Evelyn Harper Ella Scarlett Aria Nora Isla Ivy Willow Alice Lucy " +
				"Clara Audrey Stella Maya Brooklyn Claire Eliza Sadie Georgia Piper Quinn Rose Everly Naomi Tessa Bridget Fiona Heidi " +
				"June Kate"),
			boys: words("Liam Noah William Benjamin Jackson Lucas Ethan Owen Nathan Samuel Thomas Henry Connor Wyatt Alexander Matthew Christopher Joseph " +
				"Daniel Logan Jordan Nicholas Oliver James Elijah Mason Levi Hudson Jack Theodore Leo Lincoln Grayson Carter Dylan Isaac " +
				"Gabriel Luke Julian Caleb Asher Wesley Everett Miles Declan Emmett Cole Brody Austin Blake Cody Dominic Evan Felix " +
				"Griffin Ian Jasper Keegan"),
			carersF: words("Jennifer Sarah Melissa Amanda Heather Stephanie Nicole Crystal Tracy Kimberly Rebecca Megan Lindsay Erin Ashley Laura Kelly Christine " +
				"Michelle Angela Julie Karen Lisa Tara Vanessa Katie Allison Natalie Jill Pamela Shannon Brenda Carolyn Dawn Holly Joanna " +
				"Kristen Leanne Monica Paula Robin Sheila"),
			carersM: words("Michael Jason David Robert Ryan Mark Steven Kevin Brian Jeffrey Adam Scott Kyle Trevor Andrew Chris Matthew Eric " +
				"Jeremy Tyler Sean Derek Craig Greg Shawn Travis Bradley Darren Geoffrey Ian Keith Neil Paul Peter Richard Todd " +
				"Wayne Colin Dale Douglas"),
			families: words("Smith Brown Wilson MacDonald Campbell Thompson Anderson Walker Clarke Hughes Fraser Morrison Baker Ward Bennett Foster Russell Grant " +
				"Hamilton Kelly Murphy O'Brien O'Connor McLean McKay Bell Cooper Reid Stewart Shaw Palmer Burke Ellis Barnes Wood Carter " +
				"Parker Davidson Gibson Hunter Abbott Adams Allen Armstrong Atkinson Bailey Baldwin Barrett Bishop Black Boyd Brooks Bryant Burns " +
				"Chambers Chapman Coleman Collins Cook Craig Crawford Cunningham Curtis Dawson Dixon Douglas Duncan Edwards Elliott Evans Ferguson Fisher " +
				"Fleming Ford Francis Fuller Gardner George Gilbert Goodwin Gordon Graham Gray Green Griffin Harper Harris Harrison Harvey Hawkins " +
				"Henderson Hill Holmes Howard Hudson Hunt Jackson Jacobs James Jenkins Johnston Jordan Kennedy Kerr King Lambert Lane Lawson " +
				"Lewis Lloyd Long Lowe Marsh Marshall Mason Matthews McCarthy McDonald McGregor Miller Mills Mitchell Moore Morgan Morris Murray " +
				"Nelson Newman Nichols Osborne Owen Page Patterson Pearson Perry Phillips Porter Powell Price Quinn Reynolds Richards Roberts Robinson " +
				"Rogers Rose Ross Ryan Sanders Scott Simpson Sinclair Spencer Stevens Sutherland Taylor Turner Wallace Warren Watson Webb Wells " +
				"West White Williams Wright Young"),
		},
		{
			name: "french", percent: 21, language: "fra",
			girls: words("Léa Zoé Chloé Amélie Maëlle Océane Élodie Noémie Gabrielle Camille Juliette Rosalie Florence Béatrice Anaïs Mégane Sophie Marie-Ève " +
				"Anne-Sophie Hélène Alice Charlotte Livia Rose Éva Clara Jeanne Laurence Marianne Coralie Ariane Audrey Maude Delphine Élise Sarah-Maude " +
				"Roxanne Adèle Mathilde Justine Flavie Simone Margot Estelle"),
			boys: words("Félix Étienne Jérôme Mathéo Loïc Zacharie Gabriel Antoine Raphaël François Émile Théo Olivier Xavier Maxime Jean-Philippe Cédric Benoît " +
				"Hugo Alexis Léo Arthur Édouard Charles Louis Henri Nathan Samuel Simon Vincent Justin Tristan Mathis Elliot Victor Jules " +
				"Philippe Zachary Charles-Antoine Pierre-Luc Anthony Emmanuel Rémi Laurent"),
			carersF: words("Nathalie Isabelle Geneviève Mélanie Josée Valérie Annie Chantal Véronique Caroline Sylvie Julie Marie-Claude Karine Sonia Nancy Catherine Martine " +
				"Line Brigitte Dominique Émilie Johanne Manon Pascale"),
			carersM: words("Stéphane Éric Martin Sébastien Frédéric Luc Patrick Yves Daniel André Pierre Marc Alain Mathieu Jonathan Simon Dany Guillaume " +
				"Benoît Denis Gilles Jean-François Michel Normand Serge"),
			families: words("Tremblay Gagnon Côté Bouchard Gauthier Lévesque Bélanger Pelletier Thériault Lefebvre Beauséjour Desrosiers Lachance Thibault Saint-Amour St-Pierre Côté-Roy Paré " +
				"Grégoire Lalonde Séguin Brisebois Roy Morin Fortin Ouellet Bergeron Poirier Girard Leblanc Lapointe Beaulieu Cloutier Dubois Poulin Fournier " +
				"Caron Martel Dufour Boucher Lemieux Giroux Desjardins Hébert Boivin Gosselin Turcotte Bédard Vachon Savard Émond Perreault Charbonneau Duval " +
				"Godin Lavoie Picard Rousseau Villeneuve Renaud Marcotte Lafrance"),
		},
		{
			name: "south asian", percent: 9, language: "urd",
			girls: words("Aisha Zainab Priya Ananya Fatima Maryam Simran Jasleen Meera Noor Sana Hira Anika Diya Ishita Navneet Prabhjot Rabia " +
				"Zara Alina Kavya Tanvi Iqra Mehak"),
			boys: words("Arjun Rohan Muhammad Hamza Ibrahim Gurpreet Aarav Yusuf Bilal Karan Ali Ayaan Zain Vihaan Kabir Harjot Jaspreet Daniyal " +
				"Usman Nikhil Dev Rehan Sahil Tejas"),
			carersF: words("Saima Harpreet Sunita Rukhsana Deepa Nadia Kiran Amina Jaswinder Pooja Farah Shabana Manpreet Rekha Lubna Anjali"),
			carersM: words("Imran Rajesh Harjit Tariq Sanjay Asif Amandeep Naveed Suresh Gurdeep Kamran Vikram Shahid Manjit Anil Faisal"),
			families: words("Khan Ahmed Singh Patel Sharma Malik Hussain Gill Qureshi Iyer Bhatti Dhaliwal Sidhu Grewal Sandhu Chaudhry Rahman Mirza " +
				"Shah Desai Nair Reddy Verma Kapoor Mehta Akhtar Siddiqui Butt Sheikh Brar Dhillon Bajwa Joshi Rao Menon"),
		},
		{
			name: "chinese", percent: 6, language: "zho",
			girls: words("Mei Xinyi Jia Yuxin Angela Grace Wen Li-Hua Yiran Zihan Xinyue Ruoxi Emily Sophie Yutong Jing Lan Qing " +
				"Shuang Yue"),
			boys: words("Wei Haoran Jun Zihan Kevin Ming Yichen Jian Ethan Yifan Zhihao Ruize Tian Bowen Junjie Lucas Yuze Chen " +
				"Kai Long"),
			carersF: words("Ling Fang Xiu Yan Hui Jing Min Li Qian Xia Yun Zhen Juan Na"),
			carersM: words("Jianguo Feng Lei Tao Bo Qiang Wei Jun Gang Peng Yong Zhi Hao Bin"),
			families: words("Wang Li Zhang Chen Liu Huang Zhao Wu Xu Lin Yang Zhou Sun Ma Zhu Hu Guo He " +
				"Gao Luo Zheng Liang Xie Song Tang Deng Feng Cheng Cao Peng"),
		},
		{
			name: "indigenous", percent: 8, language: "oji",
			girls: words("Waabigwan Nova Migwan Winona Kaya Aiyana Autumn Raven Shania Misko Nokomis Wenona Sage Cheyenne Destiny Skye Willow Jade " +
				"Kiara Niimi Ojiig Dawn Star Tala"),
			boys: words("Nodin Migizi Hunter Waabun Animikii Makwa Tyson Dakota River Giizhik Wolf Cedar Jesse Dylan Dominic Trent Shane Cody " +
				"Mikom Benesi Zhaawan Ashton Blaze Colton"),
			carersF: words("Darlene Rhonda Charlene Misty Tina Lorraine Sherry Wanda Roberta Carla Brenda Melinda Priscilla Yvonne"),
			carersM: words("Leonard Dwayne Clayton Wesley Clifford Elijah Gordon Raymond Melvin Curtis Lyle Delbert Norman Vernon"),
			families: words("Birchbark Cedarfeather Northwind Stonechild Whitecrane Greywater Longriver Tallpine Redcloud Sweetgrass Loonsong Bearwalker Windigrass Ricelake Thunderbay-Moon Goodsky Blueheron Sandpiper " +
				"Morningstar Whitebirch Eaglewing Turtleback Firekeeper Ottertail Snowgoose Fallingleaf"),
		},
		{
			name: "newcomer", percent: 9, language: "ara",
			girls: words("Layla Amina Hodan Sofía Mariana Oksana Daria Hanan Bianca Angelica Mariam Salma Ikram Valentina Camila Yuliia Sofiia Nour " +
				"Gabriela Precious Blessing Grace Chiamaka Zahra Yara Isabel"),
			boys: words("Omar Abdi Mateo Diego Taras Bohdan Khalid Ismail Rafael João Yousef Hassan Abdullah Santiago Sebastián Maksym Dmytro Karim " +
				"Emeka Tobi Samuel Elias Adam Rodrigo Miguel Bilal"),
			carersF: words("Rania Faduma Carmen Olena Lucía Maricel Fátima Huda Sahra Ana Iryna Rosa Liezel Ngozi Amal Teresa Svitlana"),
			carersM: words("Ahmad Warsame Carlos Andriy Jorge Rodel Mustafa Bassam Mohamud Luis Oleh Pedro Jun Chidi Nabil Manuel Serhii"),
			families: words("Haddad Mansour Warsame Farah García Fernández Shevchenko Kovalenko Santos Gonçalves Dela-Cruz Nasser Khoury Saleh Ibrahim Osman Abdi Rodríguez " +
				"Martínez Torres Bondarenko Melnyk Tkachenko Pereira Costa Silva Reyes Cruz Bautista Okafor Adeyemi Mensah Nguyen Tran Pham Kim " +
				"Park Yilmaz Demir Hoang"),
		},
	}
}

// nicknames are used by one agency or another in the place of the given name.
func nicknames() map[string]string {
	return map[string]string{
		"Katherine": "Katie", "Elizabeth": "Liz", "Madison": "Maddy", "Samantha": "Sam", "Abigail": "Abby",
		"William": "Liam", "Benjamin": "Ben", "Alexander": "Alex", "Matthew": "Matt", "Christopher": "Chris",
		"Joseph": "Joe", "Daniel": "Dan", "Nicholas": "Nick", "Samuel": "Sam", "Thomas": "Tom", "Gabrielle": "Gaby",
		"Isabelle": "Belle", "Zacharie": "Zac", "Jean-Philippe": "JP", "Maxime": "Max", "Muhammad": "Mohamed",
		"Charlotte": "Charlie", "Nathan": "Nate", "Jackson": "Jack", "Olivia": "Liv", "Angelica": "Angel",
	}
}

// place is one invented municipality; the postal areas do not exist.
type place struct {
	name    string
	other   []string // how some agencies spell it
	percent int
	postal  []string
	french  int // percent of households from the french list
}

func places() []place {
	return []place{
		{"Cedar Falls", []string{"City of Cedar Falls", "CEDAR FALLS", "Cedar Falls Ont."}, 38, []string{"K3X", "K3Y", "K3Z"}, 12},
		{"Port Maitland", []string{"Pt Maitland", "Town of Port Maitland"}, 17, []string{"K5X"}, 10},
		{"Rivière-aux-Loups", []string{"Riviere-aux-Loups", "Rivière aux Loups"}, 13, []string{"K5Y"}, 70},
		{"Granite Lake", []string{"Town of Granite Lake", "GRANITE LAKE"}, 15, []string{"P4X"}, 10},
		{"Stonebridge", []string{"Township of Stonebridge"}, 10, []string{"P4Y"}, 8},
		{"Northmoor", []string{"Northmoor Ont."}, 7, []string{"P4Z"}, 25},
	}
}

func streets() []string {
	return []string{"Mill Rd", "Main St", "Church St", "Cedar Ave", "Lakeshore Dr", "Concession 4", "Quarry Rd", "Elm St",
		"Station St", "Riverside Dr", "Maple Cres", "Sawmill Lane", "King St E", "Dufferin St", "County Rd 7", "Harbour St",
		"Birch Grove", "Falls View Dr", "Orchard Way", "Schoolhouse Rd"}
}

func rues() []string {
	return []string{"rue Principale", "rue de l'Église", "chemin du Moulin", "rue des Érables", "rang 5", "rue Notre-Dame",
		"chemin de la Rivière", "rue du Quai"}
}

func areaCodes() []string {
	return []string{"613", "343", "705", "249", "683", "753", "942", "416", "647", "437", "365", "905", "289", "742", "226",
		"519", "548", "382", "807", "819"}
}

func schools() []string {
	return []string{"Cedar Falls PS", "Harbour View PS", "Granite Lake PS", "Stonebridge Central", "École Rivière-aux-Loups",
		"Maple Heights PS", "Northmoor Area School", "Cedar Falls Collegiate", "Port Maitland District SS"}
}

func coordinators() []struct{ name, employer string } {
	return []struct{ name, employer string }{
		{"Paula Winters", "CFTC"}, {"Dinesh Rao", "CFTC"}, {"Marguerite Lafleur", "CFTC"}, {"Joanne Pike", "CFTC"},
		{"Terrence Oake", "VMHS"}, {"Bridget Lyon", "VMHS"}, {"Sylvain Marchand", "PDEF"},
	}
}
